# Installs Evercred with its policy and Claude Code's managed settings, and verifies all three. For Intune and its kin, as
# the system, in a 64-bit PowerShell:
#   powershell -ExecutionPolicy Bypass -File windows.ps1 -Package evercred.msi -Publisher 'CN=Example, O=Example, C=US'
param(
  [Parameter(Mandatory)] [string] $Package,
  [Parameter(Mandatory)] [string] $Publisher,
  [string] $Policy = (Join-Path $PSScriptRoot 'policy.json'),
  [string] $Settings = (Join-Path $PSScriptRoot 'managed-settings.json')
)
$ErrorActionPreference = 'Stop'

function Test-Signer([string] $Path) {
  $signature = Get-AuthenticodeSignature -LiteralPath $Path
  if ($signature.Status -ne 'Valid') { throw "$Path is not signed: $($signature.Status)." }
  if ($signature.SignerCertificate.Subject -ne $Publisher) {
    throw "$Path is signed by $($signature.SignerCertificate.Subject)."
  }
}

Test-Signer $Package
$install = Start-Process msiexec -Wait -PassThru -ArgumentList @('/i', "`"$Package`"", '/qn', '/norestart')
# 3010: done, and a restart is wanted.
if ($install.ExitCode -notin 0, 3010) { throw "msiexec ended with $($install.ExitCode)." }

# One line, ASCII only: what the registry holds is read as JSON.
$value = Get-Content -LiteralPath $Policy -Raw -Encoding UTF8 | ConvertFrom-Json | ConvertTo-Json -Depth 32 -Compress
$value = [regex]::Replace($value, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int] [char] $match.Value })
$key = 'HKLM:\SOFTWARE\Policies\Evercred'
# With -Force on a key that is there, New-Item empties it.
if (-not (Test-Path -LiteralPath $key)) { New-Item -Path $key -Force | Out-Null }
Set-ItemProperty -Path $key -Name 'Policy' -Type String -Value $value

$folder = 'C:\Program Files\ClaudeCode'
New-Item -ItemType Directory -Path $folder -Force | Out-Null
Copy-Item -LiteralPath $Settings -Destination (Join-Path $folder 'managed-settings.json') -Force

$client = 'C:\Program Files\Evercred\bin\evercred.exe'
Test-Signer $client
& $client version
if ($LASTEXITCODE -ne 0) { throw "$client ended with $LASTEXITCODE." }
