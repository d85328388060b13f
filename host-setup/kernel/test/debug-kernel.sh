#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A kernel that looks for mistakes, and our modules for it: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here setup=$here/../../setup
# shellcheck source=host-setup/setup/lib.sh
. "$setup/lib.sh"

readonly config=$here/debug.config
readonly linux=linux-source-6.1

usage() {
    cat <<END
Usage: debug-kernel.sh [--source DIR]
Builds a kernel with KASAN, lockdep, kmemleak and more (debug.config says what) from Debian's $linux, and netmap.ko and
e1000.ko for it. Takes a quarter of an hour and 2 GB the first time, on two cores; afterwards what has changed.

  --source DIR  DIR holds ${linux}_*.deb; default: what apt downloads

Installs into $data/kernel/RELEASE. Then: run.sh -k $data/kernel/RELEASE/vmlinuz
END
}

unpack() {
    local -r deb=$1 target=$2
    rm -rf "$target" "$target.partial"
    mkdir -p "$target.partial"
    dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
        tar -xJ -C "$target.partial" --strip-components=1
    mv "$target.partial" "$target"
}

# What Kconfig does not know or cannot give, it leaves out without a word.
configure() {
    local line status=0
    make -C "$tree" KCONFIG_ALLCONFIG="$config" allnoconfig
    while read -r line; do
        grep -qxF "$line" "$tree/.config" && continue
        printf '%s: Linux %s does not take %s\n' "$config" "$(make -s -C "$tree" kernelversion)" "$line"
        status=1
    done < <(grep ^CONFIG_ "$config")
    return $status
}

compile() { nice make -C "$tree" -j "$(nproc)" bzImage modules; }

# The modules' stamp goes: they are built again.
install_kernel() {
    mkdir -p "$installed"
    rm -f "$installed/vmlinuz.from" "$installed/stamp"
    cp "$tree/arch/x86/boot/bzImage" "$installed/vmlinuz"
    printf '%s\n' "$hash" >"$installed/vmlinuz.from"
}

# --------------------------------------------------------------------------------------------------------------------

while [[ $# -gt 0 ]]; do
    case $1 in
        --source)
            [[ -d ${2:-} ]] || fail 2 "--source needs a directory"
            source_dir=$(readlink -f "$2")
            shift 2
            ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail 2 "debug-kernel.sh has no $1: see --help" ;;
    esac
done

lock debug-kernel
deb=$(deb_of "$linux")
tree=${deb##*/}
tree=$cache/debug-kernel/${tree%_all.deb}
hash=$(hash_of "$config" "${BASH_SOURCE[0]}" "=${tree##*/}")
readonly tree hash
need_commands make=make gcc=gcc flex=flex bison=bison bc=bc
need_packages libelf-dev
[[ -d $tree ]] || step "unpacking Linux" "$cache/debug-kernel.log" unpack "$deb" "$tree"
if ! is_current "$tree/built-from" "$hash"; then
    step "configuring the kernel" "$cache/debug-kernel.log" configure
    step "building the kernel" "$cache/debug-kernel.log" compile
    printf '%s\n' "$hash" >"$tree/built-from"
fi
release=$(<"$tree/include/config/kernel.release")
readonly release installed=$data/kernel/$release
is_current "$installed/vmlinuz.from" "$hash" || install_kernel
"$setup/kernel.sh" --kernel "$release" --source "$tree"
say "the kernel is $installed/vmlinuz"
