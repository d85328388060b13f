#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds the guest image: see usage, and guest-image/README.md for what is in it.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

readonly home=${here%/*/*}
readonly guest=$home/guest-image
readonly jars=$home/functions/target/nfv/lib
readonly work=$cache/image
readonly image=$data/image

# Where the guest has Java and the framework.
readonly guest_root=/opt/ptnetmap
# What functions may use of Java.
readonly java_modules=java.base,java.logging,java.management,java.naming,java.xml,jdk.unsupported,jdk.zipfs
# Linux's own modules in the guest, below /lib/modules/RELEASE/kernel.
readonly kernel_modules=(drivers/virtio/virtio{,_ring,_pci,_pci_modern_dev,_pci_legacy_dev}.ko drivers/block/virtio_blk.ko
    drivers/char/virtio_console.ko fs/squashfs/squashfs.ko)
# Options for Java in the guest: the classes of the cache where they were recorded, so that nothing is to be relocated. The cache is
# only good for programs that have native access, too.
readonly java_options="--enable-native-access=ALL-UNNAMED -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:AOTCache=$guest_root/nfv.aot"
# For the kernel's command line: the guest runs one program, which need not be protected from others; and a busy host that lets it
# wait is no broken timer.
readonly kernel_parameters="mitigations=off init_on_alloc=0 no_timer_check"

usage() {
    cat <<'END'
Usage: nfv setup image [--kernel RELEASE] [--jre DIR] [--source DIR] [--size-report]
Builds what virtual machines boot, without root: Debian's kernel, netmap.ko and e1000.ko (by 'nfv setup kernel'), busybox, Java
and this framework. Builds only what has changed: new jars take a few seconds.

  --kernel RELEASE   Debian's kernel of this release, such as 6.1.0-40-amd64 (default: the newest one when first asked)
  --jre DIR          put this Java runtime into the image as it is (default: a small one, made by jlink from the JDK that builds nfv)
  --source DIR       use the .deb files of this directory instead of downloading them by apt
  --size-report      say how large the parts are
END
}

# make_target FILE HASH COMMAND...: makes a file or directory by 'COMMAND... TEMPORARY-NAME', unless it was made from the same.
make_target() {
    local -r target=$1 hash=$2
    is_current "$target.from" "$hash" && [[ -e $target ]] && return
    rm -rf "$target.from" "$target.new"
    step "building ${target##*/}" "$work/${target##*/}.log" "${@:3}" "$target.new"
    rm -rf "$target"
    mv "$target.new" "$target"
    printf '%s\n' "$hash" >"$target.from"
}

# --- Kernel and initrd ----------------------------------------------------------------------------------------------

# unpack DEB DIRECTORY TAR-PATTERN...: only what is needed of a package.
unpack() {
    mkdir -p "$2"
    dpkg-deb --fsys-tarfile "$1" | tar x -C "$2" --wildcards "${@:3}"
}

# The kernel as it comes, and those of its modules that the guest loads.
make_kernel() {
    unpack "$1" "$2" "./boot/vmlinuz-$release" "./lib/modules/$release/modules.*" "${kernel_modules[@]/#/./lib/modules/$release/kernel/}"
}

make_vmlinux() { "$guest/extract-vmlinux" "$work/kernel/boot/vmlinuz-$release" >"$1"; }

# make_initrd BUSYBOX-DEB FILE: what runs before the disk with Java is there.
make_initrd() {
    local -r root=$work/initrd modules=lib/modules/$release
    local applet library
    rm -rf "$root"
    mkdir -p "$root"/{bin,etc,part,proc,root,sys,tmp,usr} "$root/$modules/updates" "$root$guest_root" "$root$work"
    unpack "$1" "$root" ./bin/busybox
    "$root/bin/busybox" --list | while read -r applet; do
        [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
    done
    cp -r "$work/kernel/lib" "$root"
    cp "$data/kernel/$release"/{netmap,e1000}.ko "$root/$modules/updates"
    find "$root/lib" -name '*.ko' -exec strip --strip-debug {} +
    PATH=$PATH:/usr/sbin:/sbin depmod -b "$root" "$release"
    find "$root/$modules" -maxdepth 1 -name 'modules.*' ! -name modules.dep -delete
    # Where programs look for the C library, whatever system it comes from.
    for library in lib64 usr/lib usr/lib64; do
        ln -s "$guest_root/syslib" "$root/$library"
    done
    # A class in the AOT cache comes from where its jar was when the cache was made.
    ln -s "$guest_root" "$root$work/root"
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
    printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
    install -m 755 "$guest/init" "$root/init"
    (cd "$root" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible -R 0:0) >"$2"
}

# --- Java and the framework -----------------------------------------------------------------------------------------

make_jre() {
    if [[ -n $jre ]]; then
        cp -a "$jre" "$1"
    else
        "$JAVA_HOME/bin/jlink" --add-modules "$java_modules" --strip-debug --no-header-files --no-man-pages --output "$1"
    fi
    [[ -e $1/lib/server/classes.jsa ]] || "$1/bin/java" -Xshare:dump
}

# The shared libraries that Java needs and does not bring along: this machine's C library.
copy_system_libraries() {
    find "$work/jre/" -type f \( -name java -o -name '*.so' \) -exec ldd {} + | sed -nE 's#^\t(.* => )?(/[^ ]+) \(0x.*#\2#p' |
        grep -vF "$work/jre/" | sort -u | xargs cp -Lt "$1"
}

# Lets the JVM record what a chain loads and links at its start. Only of the processor that it runs on it must record nothing: guests
# have another one.
train() {
    local -r root=$1
    local class_path
    class_path=$(find "$root/lib" -name '*.jar' | LC_ALL=C sort | paste -sd :)
    "$root/jre/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UnlockDiagnosticVMOptions \
        -XX:-AOTAdapterCaching -XX:-AOTStubCaching -XX:AOTCacheOutput="$root/nfv.aot" -cp "$class_path" \
        io.ptnetmap.nfv.cli.GuestRehearsal "$guest/train.yaml" train
}

# Not compressed: reading it costs an emulated processor less.
make_root() {
    local -r root=$work/root
    rm -rf "$root"
    mkdir -p "$root"/{lib,syslib}
    cp -rp "$work/jre" "$root/jre"
    cp -p "$jars"/*.jar "$root/lib"
    copy_system_libraries "$root/syslib"
    train "$root"
    mksquashfs "$root" "$1" -noappend -all-root -no-xattrs -no-progress -noInodeCompression -noDataCompression -noFragmentCompression
}

# --------------------------------------------------------------------------------------------------------------------

size_report() {
    local -r root=$work/root
    local part
    {
        printf 'vmlinux %s\n' "$image/vmlinux"
        printf 'initrd.cpio %s\n' "$image/initrd.cpio"
        printf 'root.squashfs %s\n' "$image/root.squashfs"
    } | while read -r name file; do
        du -sh --apparent-size "$file" | awk -v name="$name" '{ printf "%-16s %8s\n", name, $1 }'
    done
    for part in jre/lib/modules jre/lib/server/libjvm.so jre/lib/server/classes.jsa nfv.aot lib syslib; do
        du -sh --apparent-size "$root/$part" | awk -v name="$part" '{ printf "  %-32s %8s\n", name, $1 }'
    done
}

jre=
release=
report=
kernel_options=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --kernel)
            [[ ${2:-} =~ ^[0-9][-.+0-9a-z_~]*$ ]] || fail 2 "--kernel needs a release, such as 6.1.0-40-amd64"
            release=$2
            shift 2
            ;;
        --jre)
            [[ -x ${2:-}/bin/java && -r $2/release ]] || fail 2 "--jre needs a Java runtime: a directory with bin/java and release in it"
            jre=$(readlink -f "$2")
            shift 2
            ;;
        --source)
            [[ -d ${2:-} ]] || fail 2 "--source needs a directory"
            source_dir=$(readlink -f "$2")
            kernel_options=(--source "$source_dir")
            shift 2
            ;;
        --size-report)
            report=yes
            shift
            ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail 2 "'nfv setup image' has no $1: see --help" ;;
    esac
done

need_commands cpio=cpio dpkg-deb=dpkg mksquashfs=squashfs-tools strip=binutils xz=xz-utils
PATH=$PATH:/usr/sbin:/sbin need_commands depmod=kmod
[[ -n $release ]] || release=$(guest_kernel)
linux_deb=$(deb_of "linux-image-$release")
busybox_deb=$(deb_of busybox-static)
"$home/nfv" build
JAVA_HOME=$(<"$home/functions/target/nfv/jdk")
"$here/kernel.sh" --kernel "$release" "${kernel_options[@]}"

lock image
mkdir -p "$image" "$work"
script_hash=$(hash_of "${BASH_SOURCE[0]}")
kernel_hash=$(hash_of "=${linux_deb##*/}" "$guest/extract-vmlinux" "=$script_hash")
jre_hash=$(hash_of "=$jre" "${jre:-$JAVA_HOME}/release" "=$script_hash")
make_target "$work/kernel" "$kernel_hash" make_kernel "$linux_deb"
make_target "$image/vmlinux" "$kernel_hash" make_vmlinux
make_target "$image/initrd.cpio" "$(hash_of "=$kernel_hash" "=${busybox_deb##*/}" "$guest/init" "$data/kernel/$release"/*.ko)" make_initrd "$busybox_deb"
make_target "$work/jre" "$jre_hash" make_jre
make_target "$image/root.squashfs" "$(hash_of "=$jre_hash" "$jars" "$guest/train.yaml")" make_root
cat >"$image/image.properties" <<END
kernel=$release
framework=$(cd "$jars" && sha256sum -- *.jar | LC_ALL=C sort -k 2 | sha256sum | cut -c 1-64)
append=$kernel_parameters
java.options=$java_options
END
say "the guest image is in $image"
[[ -z $report ]] || size_report
