import type { FlagChoice, Place } from "./completion-places.ts";
import { powershellValue } from "./shell-quoting.ts";

/** What PowerShell runs, 5.1 as well as 7. */
export const powershellScript = (places: readonly Place[]): string => `# evercred in PowerShell
Register-ArgumentCompleter -Native -CommandName 'evercred', 'evercred.exe' -ScriptBlock {
    param($typed, $line, $cursor)
    $places = @{
${places.map(entryOf).join("\n")}
    }
    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() } | Select-Object -Skip 1)
    if ($words -contains '--') { return }
    if ($words.Count -gt 0 -and $words[0] -eq 'help') { $words = @($words | Select-Object -Skip 1) }
    $at = ''
    $isVerb = $true
    foreach ($word in $words) {
        $next = "$at $word".Trim()
        if ($isVerb -and $places.ContainsKey($next)) { $at = $next } else { $isVerb = $false }
    }
    $place = $places[$at]
    $before = if ($words.Count -gt 0) { $words[-1] } else { '' }
    if ($place.Valued -contains $before) { return }
    $found = if ("$typed".StartsWith('-')) { $place.Flags } elseif ($isVerb) { $place.Words } else { @() }
    foreach ($each in $found) {
        if (-not $each[0].StartsWith("$typed")) { continue }
        $kind = if ($each[0].StartsWith('-')) { 'ParameterName' } else { 'ParameterValue' }
        [System.Management.Automation.CompletionResult]::new($each[0], $each[0], $kind, $each[1])
    }
}
`;

const entryOf = ({ at, words, flags }: Place): string => {
  const valued = flags.filter(({ takes }) => takes !== "nothing").map(flagName);
  return [
    `        ${quoted(at)} = @{`,
    `            Words = ${pairs(words)}`,
    `            Flags = ${pairs(flags.map((flag) => [flagName(flag), flag.summary]))}`,
    `            Valued = @(${valued.map(quoted).join(", ")})`,
    "        }",
  ].join("\n");
};

/** In parentheses: a comma binds closer than what may put it together. */
const quoted = (text: string): string => `(${powershellValue(text)})`;

const flagName = ({ name }: FlagChoice): string => `--${name}`;

/** Each with a tip, which may not be empty. The comma keeps a list of one pair a list of pairs. */
const pairs = (items: readonly (readonly [string, string])[]): string =>
  `@(${items
    .map(([name, tip]) => `,@(${[name, tip === "" ? name : tip].map(quoted).join(", ")})`)
    .join("; ")})`;
