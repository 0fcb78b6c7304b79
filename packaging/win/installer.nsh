; Puts the client's folder on PATH and takes it off again. PowerShell writes it: a string of NSIS may be shorter than PATH.
; The names of registry values and folders are its own and need no quoting.

!macro customInstall
  ${if} $installMode == "all"
    StrCpy $0 "Machine"
  ${else}
    StrCpy $0 "User"
  ${endif}
  nsExec::ExecToLog `powershell.exe -NoProfile -NonInteractive -Command "$$f = '$INSTDIR\bin'; $$p = [Environment]::GetEnvironmentVariable('Path', '$0'); if (($$p -split ';') -notcontains $$f) { [Environment]::SetEnvironmentVariable('Path', ($$p.TrimEnd(';') + ';' + $$f), '$0') }"`
  Pop $0
!macroend

!macro customUnInstall
  ${ifNot} ${isUpdated}
    ; The uninstaller reaches only the user who runs it.
    MessageBox MB_YESNO|MB_ICONQUESTION "Forget the sign-ins of this account too, and take back what was set up in other tools?" /SD IDNO IDNO keep
    nsExec::ExecToLog '"$INSTDIR\bin\evercred.exe" reset --yes'
    Pop $0
    keep:
    ${if} $installMode == "all"
      StrCpy $0 "Machine"
    ${else}
      StrCpy $0 "User"
    ${endif}
    nsExec::ExecToLog `powershell.exe -NoProfile -NonInteractive -Command "$$f = '$INSTDIR\bin'; $$p = [Environment]::GetEnvironmentVariable('Path', '$0'); [Environment]::SetEnvironmentVariable('Path', (($$p -split ';' | Where-Object { $$_ -ne $$f }) -join ';'), '$0')"`
    Pop $0
  ${endif}
!macroend
