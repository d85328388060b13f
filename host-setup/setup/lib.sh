# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What nfv and the setup scripts share. To be sourced.
#
# Variables: data (what is installed), cache (downloads, unpacked sources, build trees: may be deleted at any time),
# source_dir (set by --source: a directory of .deb, .dsc and .tar files that is used instead of apt).

# shellcheck disable=SC2034  # for the scripts that source this
readonly data=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}
readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/ptnetmap
readonly apt_dir=$cache/apt
source_dir=

say() { printf 'nfv: %s\n' "$*" >&2; }

# fail STATUS MESSAGE: ends the script. 1 something went wrong, 2 wrong command line, 4 the machine lacks something.
fail() {
    say "$2"
    exit "$1"
}

# progress WHAT LOG COMMAND...: runs a command or function quietly; shows what it does and for how long in one line. Its output
# goes to LOG. Sets progress_status rather than return it: 'if progress ...' would disable set -e in the function.
progress() {
    local -r what=$1 log=$2
    local pid start=$SECONDS
    shift 2
    mkdir -p "${log%/*}"
    # In a process group of its own, so that Ctrl-C ends all of it.
    set -m
    "$@" </dev/null >"$log" 2>&1 &
    pid=$!
    set +m
    trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM
    [[ -t 2 ]] || say "$what"
    while kill -0 "$pid" 2>/dev/null; do
        [[ -t 2 ]] && printf '\rnfv: %s, %d s ' "$what" $((SECONDS - start)) >&2
        sleep 0.2
    done
    trap - INT TERM
    [[ -t 2 ]] && printf '\r\033[K' >&2
    progress_status=0
    wait "$pid" || progress_status=$?
}

# step WHAT LOG COMMAND...: like progress, but a command that fails ends the script, with the end of its output.
step() {
    progress "$@"
    [[ $progress_status -eq 0 ]] && return
    tail -n 15 "$2" | cut -c 1-200 >&2
    fail 1 "$1 failed; all of it is in $2"
}

# in_directory DIRECTORY COMMAND...: for progress and step.
in_directory() {
    cd "$1" || return
    "${@:2}"
}

# lock NAME: waits until no other script does the same work. Held until the script ends.
lock() {
    local descriptor
    mkdir -p "$cache"
    exec {descriptor}>"$cache/$1.lock"
    flock -n "$descriptor" && return
    say "waiting for another 'nfv setup' that is at it"
    flock "$descriptor"
}

# --- What is up to date ---------------------------------------------------------------------------------------------

# hash_of FILE|DIRECTORY|=WORD...: one hash of the contents and names of all files in these, and of the words.
hash_of() {
    local input
    for input; do
        if [[ $input == =* ]]; then
            printf '%s\n' "$input"
        else
            (cd "$(dirname "$input")" && find "./${input##*/}" -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
        fi
    done | sha256sum | cut -c 1-64
}

# is_current STAMP HASH: whether what the stamp stands for was made from this.
is_current() { [[ -r $1 && $(<"$1") == "$2" ]]; }

# --- Packages -------------------------------------------------------------------------------------------------------

# as_root COMMAND...: as root, or through sudo.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# apt_install PACKAGE...: installs Debian packages. Fails if apt does not offer them or there is no way to be root.
apt_install() {
    command -v apt-get >/dev/null || return 1
    if ! apt-cache show "$@" >/dev/null 2>&1; then
        as_root apt-get update -qq >&2 || return 1
        apt-cache show "$@" >/dev/null 2>&1 || return 1
    fi
    say "installing $* by apt$([[ $EUID -eq 0 ]] || printf ', as root through sudo')"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" </dev/null >&2
}

# need_commands COMMAND=PACKAGE...: installs the packages of the commands that are missing.
need_commands() {
    local pair
    local -a commands=() packages=()
    for pair; do
        command -v "${pair%%=*}" >/dev/null && continue
        commands+=("${pair%%=*}")
        packages+=("${pair#*=}")
    done
    [[ ${#commands[@]} -eq 0 ]] && return
    apt_install "${packages[@]}" && return
    fail 4 "no ${commands[*]} here, and apt cannot install ${packages[*]}: install what provides them, as root"
}

# need_packages PACKAGE...: installs those that are missing.
need_packages() {
    local package
    local -a missing=()
    command -v dpkg-query >/dev/null || fail 4 "this needs Debian's or Ubuntu's packages $*, and there is no dpkg here"
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    apt_install "${missing[@]}" && return
    fail 4 "apt cannot install ${missing[*]}: become root and run 'apt-get install ${missing[*]}'"
}

# An apt of our own: the distribution's part of the machine's sources, with source packages, and lists that the user may write.
# The machine's keys, proxies and pins apply; its configuration is left as it is.
private_apt() {
    local -r tool=$1
    shift
    "$tool" -o Dir::Etc::SourceList="$apt_dir/sources.list" -o Dir::Etc::SourceParts="$apt_dir/sources.d" \
        -o Dir::State::Lists="$apt_dir/lists" -o Dir::Cache="$apt_dir" -o APT::Sandbox::User= -o Debug::NoLocking=1 "$@"
}

# The machine's sources whose suite is one of its release's (bookworm, bookworm-updates ...), for source packages too.
# Derived: from one-line and deb822 files alike.
write_private_sources() {
    local file codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-stable}")
    rm -rf "$apt_dir/sources.list" "$apt_dir/sources.d"
    mkdir -p "$apt_dir/sources.d" "$apt_dir/lists/partial" "$apt_dir/archives/partial"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -r $file ]] && sed -nE "s#^deb (.* ($codename|stable|testing|unstable|sid)[-/a-z]* .*)#deb \\1\\ndeb-src \\1#p" "$file"
    done >"$apt_dir/sources.list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -r $file ]] || continue
        awk -v suites="(^|\n)Suites:[^\n]*($codename|stable|testing|unstable|sid)" 'BEGIN { RS = ""; ORS = "\n\n" }
            $0 ~ suites && !/(^|\n)Enabled: *no/ { gsub(/(^|\n)Types:[^\n]*/, "\nTypes: deb deb-src"); sub(/^\n/, ""); print }' \
            "$file" >"$apt_dir/sources.d/${file##*/}"
    done
}

# Once a day.
update_private_apt() {
    command -v apt-get >/dev/null || fail 4 "no apt here to download Debian's packages: get them elsewhere and say --source DIR"
    [[ -n $(find "$apt_dir/updated" -mtime -1 2>/dev/null) ]] && return
    write_private_sources
    step "reading Debian's package lists" "$apt_dir/update.log" private_apt apt-get update
    touch "$apt_dir/updated"
}

# newest DIRECTORY PATTERN: prints the path of the file of the highest version there, if any.
newest() {
    [[ -d $1 ]] || return 0
    find "$1" -maxdepth 1 -name "$2" | sort -V | tail -n 1
}

# The following print a path; use them as 'path=$(deb_of PACKAGE)', which ends the script if they fail.

# package_file PATTERN PACKAGE DIRECTORY APT-COMMAND...: prints the path of a package's file: from --source, or else from
# DIRECTORY, where apt puts what it has downloaded and verified, all of it or nothing.
package_file() {
    local -r pattern=$1 package=$2 directory=$3
    local found partial
    shift 3
    found=$(newest "${source_dir:-"$directory"}" "$pattern")
    if [[ -z $found ]]; then
        [[ -z $source_dir ]] || fail 4 "no $pattern in $source_dir"
        update_private_apt
        mkdir -p "$directory"
        partial=$(mktemp -d "$directory/.partial.XXXXXX")
        progress "downloading $package" "$apt_dir/download.log" in_directory "$partial" private_apt "$@"
        if [[ $progress_status -ne 0 ]]; then
            rm -rf "$partial"
            sed -n 's/^E: //p' "$apt_dir/download.log" >&2
            fail 4 "apt cannot download $package (see $apt_dir/download.log): make the machine's apt sources reachable, or say --source DIR"
        fi
        mv "$partial"/* "$directory"
        rmdir "$partial"
        found=$(newest "$directory" "$pattern")
    fi
    printf '%s\n' "$found"
}

# deb_of PACKAGE: prints the path of a binary package.
deb_of() { package_file "$1_*.deb" "$1" "$cache/debs" apt-get download "$1"; }

# dsc_of PACKAGE: prints the path of a source package's .dsc, whose other files are beside it.
dsc_of() { package_file "$1_*.dsc" "$1" "$cache/sources" apt-get source --download-only "$1"; }

# guest_kernel: prints the release of the kernel that guests run: that of --source, or the one used so far, or else the newest.
guest_kernel() {
    local -r note=$cache/guest-kernel
    local release
    if [[ -n $source_dir ]]; then
        release=$(newest "$source_dir" 'linux-image-[0-9]*-amd64_*.deb')
        release=${release##*/linux-image-}
        release=${release%%_*}
        [[ -n $release ]] || fail 4 "no linux-image-RELEASE-amd64_*.deb in $source_dir"
    elif [[ -s $note ]]; then
        release=$(<"$note")
    else
        update_private_apt
        release=$(private_apt apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: linux-image-//p')
        [[ -n $release ]] || fail 4 "apt offers no linux-image-amd64 here: say --source DIR, a directory with Debian's packages"
        mkdir -p "$cache"
        printf '%s\n' "$release" >"$note"
    fi
    printf '%s\n' "$release"
}
