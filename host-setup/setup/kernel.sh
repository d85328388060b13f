#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel modules of virtual machines, netmap.ko and e1000.ko: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

readonly sources=$here/../kernel
readonly api=$here/../include/net
readonly e1000=drivers/net/ethernet/intel/e1000

usage() {
    cat <<END
Usage: nfv setup kernel [--kernel RELEASE] [--source DIR] [--dkms]
Builds netmap.ko and e1000.ko, the kernel modules by which netmap programs in a virtual machine work on the host's rings.

  --kernel RELEASE  for this kernel, such as 6.1.0-56-amd64, instead of the running one. Headers that are not installed are
                    downloaded by apt and unpacked, which needs no root
  --source DIR      DIR is a kernel's source tree to take e1000 from, or holds .deb packages; default: what apt downloads
  --dkms            besides, as root: registers the modules with DKMS, which builds and installs them for kernels of this series

Installs into $data/kernel/RELEASE. Then, as root in the virtual machine: insmod netmap.ko; insmod e1000.ko paravirtual=1
END
}

# --- What is built against and from ---------------------------------------------------------------------------------

# depends_of DEB PATTERN: prints the first dependency that matches.
depends_of() { dpkg-deb -f "$1" Depends | tr ',|' '\n' | sed -nE "s/^ *($2)( .*)?\$/\\1/p" | head -n 1; }

# Unpacks Debian's header packages beside each other: they look for one another below /usr/src.
unpack_headers() {
    local -r target=$1
    local deb
    rm -rf "$target" "$target.partial"
    mkdir -p "$target.partial"
    for deb in "${@:2}"; do
        dpkg-deb -x "$deb" "$target.partial"
    done
    sed -i "s#^include /usr/src#include $target/usr/src#" "$target.partial/usr/src/linux-headers-$release/Makefile"
    mv "$target.partial" "$target"
}

# Whether Debian's headers are to be had; without --source, apt is asked.
offers_headers() {
    [[ -n $source_dir || -n $(newest "$cache/debs" "linux-headers-${release}_*.deb") ]] && return
    update_private_apt
    private_apt apt-cache show "linux-headers-$release" >/dev/null 2>&1
}

# Sets headers: the directory to build against.
find_headers() {
    local -r unpacked=$cache/headers/$release
    local flavour common kbuild
    for headers in "$tree" "/lib/modules/$release/build" "$unpacked/usr/src/linux-headers-$release"; do
        [[ -n $headers && -r $headers/Module.symvers && $(release_of "$headers") == "$release" ]] && return
    done
    offers_headers || fail 4 "no headers of kernel $release: they are not installed, and apt offers none. Install them, as root, or build for another kernel, such as that of the guests: --kernel $(guest_kernel)"
    flavour=$(deb_of "linux-headers-$release")
    common=$(depends_of "$flavour" 'linux-headers-[^ ]*-common[^ ]*')
    kbuild=$(depends_of "$flavour" 'linux-kbuild-[^ ]*')
    [[ -n $common && -n $kbuild ]] || fail 4 "${flavour##*/} is not laid out as Debian's headers are: install it, as root, and try again"
    common=$(deb_of "$common")
    kbuild=$(deb_of "$kbuild")
    step "unpacking the headers of $release" "$cache/headers.log" unpack_headers "$unpacked" "$flavour" "$common" "$kbuild"
    headers=$unpacked/usr/src/linux-headers-$release
}

# The kernel that a directory builds modules for.
release_of() { sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$1/include/generated/utsrelease.h" 2>/dev/null; }

take_e1000() {
    local -r deb=$1 target=$2
    rm -rf "$target.partial"
    mkdir -p "$target.partial"
    dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
        tar -xJ -C "$target.partial" --strip-components=1 --wildcards "*/$e1000"
    mv "$target.partial" "$target"
}

# Sets e1000_source: Debian's driver of the kernel's series, or that of the source tree.
find_e1000() {
    local deb unpacked
    e1000_source=$tree/$e1000
    [[ -n $tree ]] && return
    deb=$(deb_of "linux-source-$series")
    unpacked=$cache/${deb##*/}
    unpacked=${unpacked%_all.deb}
    e1000_source=$unpacked/$e1000
    [[ -d $e1000_source ]] && return
    step "unpacking e1000 of Linux $series" "$cache/e1000.log" take_e1000 "$deb" "$unpacked"
}

# --- Build ----------------------------------------------------------------------------------------------------------

# The modules' sources, as make and DKMS want them: ours, with e1000's beside its patch, patched.
prepare() {
    local -r target=$1
    rm -rf "$target"
    mkdir -p "$target/include"
    cp -r "$api" "$target/include"
    cp -r "$sources" "$target/kernel"
    rm -rf "$target/kernel/test"
    cp "$e1000_source"/*.[ch] "$target/kernel/e1000"
    patch -p6 -d "$target/kernel/e1000" <"$sources/e1000/e1000.patch"
    sed "s/@SERIES@/${series//./\\\\.}/" "$sources/dkms.conf" >"$target/dkms.conf"
    rm "$target/kernel/dkms.conf"
}

build() {
    prepare "$1"
    nice make -C "$1/kernel" -j "$(nproc)" KDIR="$headers"
    strip --strip-debug "$1"/kernel/*/*.ko
}

install_modules() {
    rm -f "$installed/stamp"
    mkdir -p "$installed"
    cp "$1"/kernel/netmap/netmap.ko "$1"/kernel/e1000/e1000.ko "$installed"
    printf '%s\n' "$hash" >"$installed/stamp"
}

# --- DKMS -----------------------------------------------------------------------------------------------------------

install_dkms() {
    local name version
    name=$(sed -n 's/^PACKAGE_NAME="\(.*\)"/\1/p' "$sources/dkms.conf")
    version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$sources/dkms.conf")
    dkms remove "$name/$version" --all >/dev/null 2>&1 || true
    prepare "/usr/src/$name-$version"
    dkms install "$name/$version" -k "$release"
}

# --------------------------------------------------------------------------------------------------------------------

release=$(uname -r)
tree=
dkms=
while [[ $# -gt 0 ]]; do
    case $1 in
        --kernel)
            [[ -n ${2:-} ]] || fail 2 "--kernel needs a release, such as 6.1.0-56-amd64"
            release=$2
            shift 2
            ;;
        --source)
            [[ -d ${2:-} ]] || fail 2 "--source needs a directory"
            source_dir=$(readlink -f "$2")
            if [[ -d $source_dir/$e1000 ]]; then
                tree=$source_dir
                source_dir=
            fi
            shift 2
            ;;
        --dkms)
            dkms=yes
            shift
            ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail 2 "'nfv setup kernel' has no $1: see --help" ;;
    esac
done
[[ $release =~ ^([0-9]+\.[0-9]+)[-.+0-9a-zA-Z_~]*$ ]] || fail 2 "'$release' is no kernel release: those look like 6.1.0-56-amd64"
readonly series=${BASH_REMATCH[1]} tree
[[ -z $dkms || $EUID -eq 0 ]] || fail 4 "--dkms installs modules into the system: run it as root"

readonly installed=$data/kernel/$release
lock "kernel-$release"
hash=$(hash_of "$sources/netmap" "$sources/e1000" "$sources/Makefile" "$api" "${BASH_SOURCE[0]}" "=$release $tree")
readonly hash
if [[ -n $dkms ]] || ! is_current "$installed/stamp" "$hash"; then
    find_headers
    find_e1000
    compiler=$(sed -nE 's/^CC = .*(gcc-[0-9]+)$/\1/p' "$headers/.kernelvariables" 2>/dev/null || true)
    need_commands make=make patch=patch strip=binutils "${compiler:=gcc}=$compiler"
fi
if ! is_current "$installed/stamp" "$hash"; then
    step "building netmap.ko and e1000.ko for $release" "$cache/kernel-$release.log" build "$cache/kernel-$release"
    install_modules "$cache/kernel-$release"
fi
if [[ -n $dkms ]]; then
    need_commands dkms=dkms
    step "installing netmap and e1000 by DKMS for $release" "$cache/dkms-$release.log" install_dkms
fi
say "netmap.ko and e1000.ko for $release are in $installed"
