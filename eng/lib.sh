# What the root scripts share. Sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=Release
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1

say() { printf '%s\n' "$*" >&2; }

# The exit code of every script of ours when the machine lacks something that only its owner can add.
readonly exit_missing=69

has_dotnet() { # whether the 'dotnet' on the path has an SDK of version 10
    local dotnet
    dotnet=$(readlink -f "$(command -v dotnet 2>/dev/null)" 2>/dev/null) || true
    [ -n "$dotnet" ] && { compgen -G "$(dirname "$dotnet")/sdk/10.*" >/dev/null || dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }
}

# Microsoft's own script, into the checkout: nothing outside it changes, and no root is needed. What is cut short leaves nothing that looks whole.
fetch_dotnet() {
    local url=${FLOTILLA_DOTNET_INSTALL:-https://dot.net/v1/dotnet-install.sh} script
    script=$(mktemp)
    rm -rf "$root/.tools/dotnet" "$root/.tools/dotnet.new"
    say "fetching the .NET 10 SDK into .tools/dotnet (about 250 MB, once) ..."
    { curl -fsSL "$url" -o "$script" || wget -qO "$script" "$url"; } 2>/dev/null &&
        bash "$script" --channel 10.0 --install-dir "$root/.tools/dotnet.new" --no-path >"$script.log" 2>&1 &&
        mv "$root/.tools/dotnet.new" "$root/.tools/dotnet" || {
        [ ! -s "$script.log" ] || tail -n 5 "$script.log" >&2
        rm -f "$script" "$script.log"
        return 1
    }
    rm -f "$script" "$script.log"
}

need_dotnet() {
    if ! has_dotnet; then
        mkdir -p "$root/.artifacts"
        # One fetches, others that were started at the same time wait for it.
        if (flock 8 && { [ -x "$root/.tools/dotnet/dotnet" ] || fetch_dotnet 8>&-; }) 8>"$root/.artifacts/dotnet.lock"; then
            # Whatever another dotnet was told does not hold for this one, and it does without libicu.
            export PATH="$root/.tools/dotnet:$PATH" DOTNET_ROOT="$root/.tools/dotnet" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
        fi
    fi
    if ! has_dotnet; then
        say "Flotilla needs the .NET 10 SDK, 'dotnet' here does not offer one, and it could not be fetched."
        say "Install it (https://dotnet.microsoft.com/download/dotnet/10.0), make sure 'dotnet --list-sdks' lists a 10.x, and run this again."
        exit $exit_missing
    fi
    # Built programs look for the runtime in the usual places only; tell them where this dotnet has it.
    [ -n "${DOTNET_ROOT:-}" ] || export DOTNET_ROOT="$(dirname "$(readlink -f "$(command -v dotnet)")")"
}

# need_packages PACKAGE...: Debian packages, installed when we may; otherwise the line to run. Never a package that starts a service.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            say "These packages are missing and this account may not install them. Run:"
            say "  sudo apt-get install -y --no-install-recommends ${missing[*]}"
            exit $exit_missing
        fi
    fi
    say "installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
        "${as_root[@]}" apt-get update >"$log" 2>&1 || true
        if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            say "apt-get could not install: ${missing[*]}"
            exit $exit_missing
        fi
    fi
    rm -f "$log"
}

# build PROJECT_OR_SOLUTION: quiet when all is well, everything the compiler said when not.
build() {
    local log
    log=$(mktemp)
    if ! dotnet build "$1" -c $configuration -v quiet -clp:NoSummary -nologo "${@:2}" >"$log" 2>&1; then
        grep -E ': (error|warning) ' "$log" | sort -u | head -n 60 >&2 || true
        grep -qE ': error ' "$log" || tail -n 30 "$log" >&2
        rm -f "$log"
        say "the build of ${1#"$root"/} failed"
        return 1
    fi
    rm -f "$log"
}
