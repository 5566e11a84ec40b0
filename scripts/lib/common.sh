# shellcheck shell=bash
# What the scripts share. Sourced, never run: each script begins with
#
#     source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/lib/common.sh"
#
# Everything said here goes to standard error: standard output belongs to the program that is started.

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)"
LOGS="$ROOT/.build/logs"

# The oldest compiler that builds slack-im, and the one whose warnings are errors: an older or newer one may warn of
# what nobody could know when the code was written.
MINIMUM_SWIFT=6.2
STRICT_SWIFT=6.3

# Debian and Ubuntu packages that every build needs. The names are read by the scripts that source this file.
# shellcheck disable=SC2034
BUILD_PACKAGES=(git pkg-config libssl-dev libsqlite3-dev zlib1g-dev libbrotli-dev)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $1"
    exit "${2:-1}"
}

# --- System packages ---------------------------------------------------------------------------------------------

# is_present PACKAGE: whether what the package brings is usable, however it came to this machine.
is_present() {
    case "$1" in
    git | pkg-config | python3 | shellcheck | chromium) command -v "$1" >/dev/null ;;
    golang-go) command -v go >/dev/null ;;
    python3-venv) venv_python >/dev/null ;;
    libssl-dev) pkg-config --exists libcrypto 2>/dev/null ;;
    libsqlite3-dev) pkg-config --exists sqlite3 2>/dev/null ;;
    zlib1g-dev) pkg-config --exists zlib 2>/dev/null ;;
    libbrotli-dev) pkg-config --exists libbrotlienc libbrotlidec 2>/dev/null ;;
    *) dpkg -s "$1" >/dev/null 2>&1 ;;
    esac
}

# Sets OFFERED to those of the packages named that this system has, or could install; says which ones it could not.
# Ubuntu, for one, has no chromium of its own.
find_offered() {
    local package
    OFFERED=()
    for package in "$@"; do
        if is_present "$package" || apt-cache policy "$package" 2>/dev/null | grep -qE "Candidate: [^(]"; then
            OFFERED+=("$package")
        else
            say "There is no package $package here: tests that need it are skipped"
        fi
    done
}

# Sets MISSING to those of the packages named that are absent.
find_missing() {
    local package
    MISSING=()
    for package in "$@"; do
        is_present "$package" || MISSING+=("$package")
    done
}

# ensure_packages PACKAGE...: installs what is missing. Without the right to, says what to type and exits 2.
ensure_packages() {
    find_missing "$@"
    [[ ${#MISSING[@]} -eq 0 ]] && return
    local line="apt-get update && apt-get install -y --no-install-recommends ${MISSING[*]}"

    if ! command -v apt-get >/dev/null; then
        say "slack-im needs what Debian and Ubuntu call: ${MISSING[*]}"
        fail "there is no apt-get here; please install these with your system's own tool" 2
    fi
    local -a as_root
    if [[ $EUID -eq 0 ]]; then
        as_root=(env)
    elif sudo -n true 2>/dev/null </dev/null; then
        as_root=(sudo -n env)
    else
        say "System packages are missing, and installing them needs root. Please run this one line, then start again:"
        say ""
        say "    sudo sh -c '$line'"
        say ""
        exit 2
    fi

    say "Installing system packages: ${MISSING[*]} (about a minute)"
    mkdir -p "$LOGS"
    local -a apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    # A mirror that is down must not stop an installation that the lists already at hand allow.
    "${apt[@]}" update >"$LOGS/apt.log" 2>&1 </dev/null || say "  apt-get update failed; trying with the lists at hand"
    if ! "${apt[@]}" install -y --no-install-recommends "${MISSING[@]}" >>"$LOGS/apt.log" 2>&1 </dev/null; then
        tail -n 25 "$LOGS/apt.log" >&2
        fail "apt-get could not install: ${MISSING[*]} (whole log: $LOGS/apt.log)"
    fi
    hash -r
    find_missing "$@"
    [[ ${#MISSING[@]} -eq 0 ]] || fail "installed, but still not usable: ${MISSING[*]}"
}

# Prints the first Python 3 that can make virtual environments.
venv_python() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

# ensure_venv DIRECTORY REQUIREMENTS: a virtual environment with exactly these packages, fetched once.
ensure_venv() {
    local directory="$1" requirements="$2" stamp="$1/requirements" wanted
    wanted="$("$(venv_python)" --version) $(cat -- "$requirements")"
    [[ -x "$directory/bin/python" && -f "$stamp" && "$(cat -- "$stamp")" == "$wanted" ]] && return
    say "Installing Python packages into ${directory#"$ROOT/"}: $(grep -oE '^[A-Za-z0-9_.-]+==[^ ;]+' "$requirements" \
        | tr '\n' ' ')"
    rm -rf -- "$directory"
    "$(venv_python)" -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --requirement "$requirements" >&2 </dev/null || fail "pip could not install $requirements"
    printf '%s\n' "$wanted" >"$stamp"
}

# --- Swift -------------------------------------------------------------------------------------------------------

# at_least VERSION MINIMUM
at_least() { [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]; }

# Prints the version of the Swift on PATH, such as 6.3.1; nothing when there is none.
swift_version() { swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1; }

# ensure_swift: sets SWIFT_VERSION, or says exactly how to get a toolchain and exits 2.
ensure_swift() {
    # swiftly's directory is on PATH only in shells started after its installation.
    local swiftly="${SWIFTLY_BIN_DIR:-${HOME:-/root}/.local/share/swiftly/bin}"
    if ! command -v swift >/dev/null && [[ -x "$swiftly/swift" ]]; then
        export PATH="$swiftly:$PATH"
    fi
    SWIFT_VERSION="$(swift_version || true)"
    [[ -n "$SWIFT_VERSION" ]] && at_least "$SWIFT_VERSION" "$MINIMUM_SWIFT" && return

    if [[ -n "$SWIFT_VERSION" ]]; then
        say "slack-im needs Swift $MINIMUM_SWIFT or later; this is Swift $SWIFT_VERSION, at $(command -v swift)."
    else
        say "slack-im needs Swift $MINIMUM_SWIFT or later, and there is no working Swift here."
    fi
    cat >&2 <<'TEXT'

To get one, either with swiftly, swift.org's own installer (Debian, Ubuntu, Fedora; Swift itself needs no root):

    curl -O "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz"
    tar zxf "swiftly-$(uname -m).tar.gz"
    ./swiftly init --assume-yes
    . ~/.local/share/swiftly/env.sh

    (swiftly prints one apt-get line when libraries are missing that Swift itself needs: run that, too)

or by hand: take the archive for your system from https://www.swift.org/install/linux/tarball/, then

    mkdir -p ~/swift && tar xzf swift-*.tar.gz --strip-components=1 -C ~/swift
    export PATH="$HOME/swift/usr/bin:$PATH"

Then start this script again.
TEXT
    exit 2
}

# --- Building ----------------------------------------------------------------------------------------------------

# Prints the options that every build here shares, one a line. `scripts/run` and `scripts/test` use the same ones, else
# each would throw away what the other has built.
build_options() {
    local configuration="${SLACK_IM_BUILD:-debug}"
    case "$configuration" in
    debug | release) ;;
    *) fail "SLACK_IM_BUILD is debug or release, not: $configuration" 2 ;;
    esac
    printf '%s\n' --package-path "$ROOT" --configuration "$configuration"
    # Dependencies are built with -suppress-warnings, and the package manager keeps this option away from them.
    if [[ "$SWIFT_VERSION" == "$STRICT_SWIFT" || "$SWIFT_VERSION" == "$STRICT_SWIFT".* ]]; then
        printf '%s\n' -Xswiftc -warnings-as-errors
    fi
}

# Sets BUILD_OPTIONS; a setting that makes no sense ends the script here rather than in a subshell.
read_build_options() {
    local text
    text="$(build_options)" || exit $?
    mapfile -t BUILD_OPTIONS <<<"$text"
}

# clock SECONDS: prints 75 as 1:15
clock() { printf '%d:%02d' "$(($1 / 60))" "$(($1 % 60))"; }

# build WHAT [OPTION...]: builds with progress instead of a wall of text; on failure shows the errors and the log's end.
build() {
    local what="$1" log="$LOGS/build.log" started=$SECONDS status
    shift
    mkdir -p "$LOGS"
    if compgen -G "$ROOT/.build/*/${SLACK_IM_BUILD:-debug}/*.build" >/dev/null; then
        say "Building $what (only what changed; some seconds to a minute or two)"
    else
        local cores minutes
        cores="$(nproc 2>/dev/null || echo 2)"
        # About ten minutes of one core in all; fetching and linking do not share out.
        minutes=$((10 / cores + 1))
        [[ "${SLACK_IM_BUILD:-debug}" == release ]] && minutes=$((minutes * 2))
        say "Building $what for the first time: about $minutes minutes on $cores cores, then seconds each time"
    fi
    set +e
    swift build "${BUILD_OPTIONS[@]}" "$@" 2>&1 </dev/null | tee "$log" | show_progress
    status=${PIPESTATUS[0]}
    set -e
    if [[ $status -ne 0 ]]; then
        say ""
        grep -E '(^|: )error: ' "$log" | sort -u | head -n 40 >&2 || true
        say ""
        say "The end of the log:"
        tail -n 40 "$log" >&2
        fail "the build failed (whole log: $log)"
    fi
    say "Built in $(clock $((SECONDS - started)))"
}

# Reads a build's output and shows where it stands: one line that changes on a terminal, now and then a line elsewhere.
show_progress() {
    local line started=$SECONDS last=-1 every=20 shown="" terminal=false
    if [[ -t 2 && "${TERM:-dumb}" != dumb ]]; then
        terminal=true
        every=1
    fi
    while IFS= read -r line; do
        case "$line" in
        \[*/*\]* | Fetching* | Fetched* | Cloning* | Working\ copy* | Computing* | Creating\ working* | Updating* | \
            Another\ instance*) ;;
        *) continue ;;
        esac
        ((SECONDS - started >= last + every)) || continue
        last=$((SECONDS - started))
        shown="  $(clock "$last")  ${line:0:90}"
        if $terminal; then printf '\r\033[K%s' "$shown" >&2; else say "$shown"; fi
    done
    if $terminal && [[ -n "$shown" ]]; then printf '\r\033[K' >&2; fi
}

# Prints where the binaries are.
binary_directory() { swift build "${BUILD_OPTIONS[@]}" --show-bin-path </dev/null 2>/dev/null; }
