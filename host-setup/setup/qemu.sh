#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# QEMU whose guests can be given netmap ports of the host: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

readonly upstream=7.2
readonly patches=$here/../qemu/patches
readonly headers=$here/../include

usage() {
    cat <<END
Usage: nfv setup qemu [--prefix DIR] [--source DIR] [--asan] [--keep] [--jobs N]
Builds QEMU $upstream from Debian 12's source package and our patches, and installs it: qemu-system-x86_64 with -device e1000-paravirt
and -netdev netmap,passthrough=on. Takes about 5 minutes on two cores. Root is needed only to install build dependencies by apt.

  --prefix DIR   install there instead of $data/qemu
  --source DIR   DIR is Debian's source tree of QEMU $upstream, unpacked, or holds its .dsc and .tar files (and seabios_*.deb and
                 ipxe-qemu_*.deb, where those packages are not installed); default: what apt downloads
  --asan         with address and undefined-behaviour sanitizers, into $data/qemu-asan
  --keep         keep the build tree, 500 MB, so that the next build compiles only what has changed
  --jobs N       compile so many files at a time; default: one for each processor
END
}

# --- Source ---------------------------------------------------------------------------------------------------------

unpack() {
    rm -rf "$source" "$source.partial"
    if [[ -n $tree ]]; then
        mkdir -p "${source%/*}"
        cp -a "$tree" "$source.partial"
    else
        mkdir -p "${source%/*}"
        dpkg-source --no-copy -x "$dsc" "$source.partial"
    fi
    mv "$source.partial" "$source"
}

# The patches of a directory, in order.
series_of() { sed "s#^#$1/#" "$1/series"; }

# Undoes the series that was applied before, if any.
undo_series() {
    local patch
    [[ -d $applied ]] || return 0
    for patch in $(series_of "$applied" | tac); do
        patch -R -p1 -s -f <"$patch"
    done
    rm -r "$applied"
}

apply_series() {
    local -r touched=$source/.touched
    local patch
    # Files that come out as they were must not look new, or half of QEMU is compiled again.
    rm -rf "$touched"
    mkdir "$touched"
    if [[ -d $applied ]]; then
        sed -n 's#^+++ b/##p' "$applied"/*.patch | sort -u | xargs cp -p --parents -t "$touched"
    fi
    undo_series
    for patch in $(series_of "$patches"); do
        patch -p1 -s -f <"$patch"
    done
    cp -r "$patches" "$applied"
    (cd "$touched" && find . -type f) | while read -r file; do
        ! cmp -s "$touched/$file" "$file" || touch -r "$touched/$file" "$file"
    done
    rm -r "$touched"
}

# Leaves the patched source in $source. A tree that is not as left before is unpacked again.
prepare_source() {
    if [[ ! -d $source ]]; then
        step "unpacking QEMU" "$work/unpack.log" unpack
    fi
    hash_of "$patches" >"$work/series.new"
    cmp -s "$work/series.new" "$work/series" && return
    rm -f "$work/series"
    progress "applying our patches" "$work/patch.log" in_directory "$source" apply_series
    if [[ $progress_status -ne 0 ]]; then
        step "unpacking QEMU again" "$work/unpack.log" unpack
        step "applying our patches" "$work/patch.log" in_directory "$source" apply_series
    fi
    mv "$work/series.new" "$work/series"
}

# --- Build ----------------------------------------------------------------------------------------------------------

configure() {
    local -a options=(--enable-debug-info --extra-cflags="-g1 -I$headers")
    [[ -n $asan ]] && options+=(--enable-sanitizers)
    [[ -z $asan ]] && options=(--disable-debug-info "--extra-cflags=-I$headers")
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    # Debian's meson needs Debian's python3, and QEMU's configure takes the first one.
    PATH=/usr/bin:$PATH "$source/configure" --prefix="$prefix" --meson=/usr/bin/meson --with-git-submodules=ignore \
        --target-list=x86_64-softmmu --without-default-features --without-default-devices --with-devices-x86_64=ptnetmap \
        --enable-system --enable-kvm --enable-tcg --enable-slirp --enable-netmap --enable-seccomp --disable-install-blobs "${options[@]}"
    printf '%s\n' "$configuration" >"$build/configured"
}

compile() { PATH=/usr/bin:$PATH nice ninja -C "$build" -j "$jobs" qemu-system-x86_64; }

# --- Install --------------------------------------------------------------------------------------------------------

# Puts files of a Debian package into $data_files: those that are installed, or else from the package.
take_files() {
    local -r package=$1 directory=$2
    local deb unpacked=
    shift 2
    if [[ ! -r $directory/$1 ]]; then
        deb=$(deb_of "$package")
        unpacked=$work/$package
        rm -rf "$unpacked"
        dpkg-deb -x "$deb" "$unpacked"
    fi
    (cd "$unpacked$directory" && install -m 644 -t "$data_files" "$@")
}

build_option_roms() {
    mkdir -p "$build/option-roms"
    make -s -C "$build/option-roms" -f "$source/debian/optionrom.mak" SRC_PATH="$source" all
    make -s -C "$build/option-roms" -f "$source/debian/optionrom.mak" SRC_PATH="$source" DESTDIR="$data_files" install
}

# Of what is there already, a running QEMU may have the binary open.
install_all() {
    local -r data_files=$prefix/share/qemu
    local -a strip=(-s)
    [[ -n $asan ]] && strip=()
    rm -f "$stamp" "$prefix/bin/qemu-system-x86_64"
    mkdir -p "$prefix/bin" "$data_files"
    build_option_roms
    take_files seabios /usr/share/seabios bios-256k.bin
    take_files ipxe-qemu /usr/lib/ipxe/qemu efi-e1000.rom efi-e1000e.rom efi-virtio.rom
    install "${strip[@]}" -t "$prefix/bin" "$build/qemu-system-x86_64"
    "$prefix/bin/qemu-system-x86_64" -device e1000-paravirt,help
    printf '%s\n' "$hash" >"$stamp"
}

# --------------------------------------------------------------------------------------------------------------------

prefix=
tree=
asan=
keep=
jobs=$(nproc)
while [[ $# -gt 0 ]]; do
    case $1 in
        --prefix)
            [[ -n ${2:-} ]] || fail 2 "--prefix needs a directory"
            prefix=$(readlink -m "$2")
            shift 2
            ;;
        --source)
            [[ -d ${2:-} ]] || fail 2 "--source needs a directory"
            source_dir=$(readlink -f "$2")
            shift 2
            ;;
        --asan)
            asan=-asan
            shift
            ;;
        --keep)
            keep=yes
            shift
            ;;
        --jobs)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail 2 "--jobs needs a number"
            jobs=$2
            shift 2
            ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail 2 "'nfv setup qemu' has no $1: see --help" ;;
    esac
done
[[ -n $prefix ]] || prefix=$data/qemu$asan
if [[ -n $source_dir && -f $source_dir/debian/optionrom.mak ]]; then
    tree=$source_dir
    version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$tree/debian/changelog")
else
    dsc=$(dsc_of qemu)
    version=${dsc##*/qemu_}
    version=${version%.dsc}
fi
[[ $version =~ ^([0-9]+:)?${upstream}[^0-9] ]] ||
    fail 4 "our patches are for QEMU $upstream, and this is $version: say --source DIR, a directory with Debian 12's source package"
readonly prefix tree asan keep jobs version

lock qemu
hash=$(hash_of "$patches" "$headers" "${BASH_SOURCE[0]}" "=$version $asan")
readonly hash stamp=$prefix/share/qemu/nfv.stamp
if ! is_current "$stamp" "$hash"; then
    readonly work=$cache/qemu-${version#*:}
    readonly source=$work/source build=$work/build$asan applied=$work/source/.series
    configuration="$prefix $headers $(declare -f configure | sha256sum)"
    readonly configuration
    need_commands gcc=gcc make=make ninja=ninja-build meson=meson pkg-config=pkg-config python3=python3 patch=patch dpkg-source=dpkg-dev
    need_packages libc6-dev libglib2.0-dev libpixman-1-dev libfdt-dev libslirp-dev libseccomp-dev zlib1g-dev
    prepare_source
    if ! is_current "$build/configured" "$configuration"; then
        step "configuring QEMU $version" "$work/configure$asan.log" configure
    fi
    step "compiling QEMU $version" "$work/compile$asan.log" compile
    step "installing QEMU" "$work/install$asan.log" install_all
    [[ -n $keep ]] || rm -rf "$work"
fi
say "QEMU with netmap passthrough is $prefix/bin/qemu-system-x86_64"
