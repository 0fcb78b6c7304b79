// Has the MSI put the client's folder on PATH for everybody on the computer, and take it off again: electron-builder has no
// setting for it. It calls this with the WiX project that it has written.
const { readFile, writeFile } = require("node:fs/promises");

const component = `
      <Component Id="ClientOnPath" Guid="5D0E1C1B-6A0E-4B5C-8C55-0B8D7A3F9E42">
        <CreateFolder/>
        <Environment Id="ClientOnPath" Name="PATH" Action="set" Part="last" System="yes" Permanent="no" Value="[APPLICATIONFOLDER]bin"/>
      </Component>
    `;

exports.default = async (file) => {
  const project = await readFile(file, "utf8");
  const parts = project.split("</ComponentGroup>");
  if (parts.length !== 2) {
    throw new Error("The WiX project has another form than its template of electron-builder 26.");
  }
  await writeFile(file, parts.join(`${component}</ComponentGroup>`));
};
