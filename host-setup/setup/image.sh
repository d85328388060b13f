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

# What a function of one's own may use of Java: the JDK's modules that a packet function has a use for.
readonly java_modules=java.base,java.logging,java.management,java.naming,java.xml,jdk.unsupported,jdk.zipfs
# The kernel's modules of the guest, in directories of /lib/modules/RELEASE/kernel.
readonly kernel_modules=(drivers/virtio/virtio{,_ring,_pci,_pci_modern_dev,_pci_legacy_dev}.ko drivers/block/virtio_blk.ko
    drivers/char/virtio_console.ko fs/squashfs/squashfs.ko)

usage() {
    cat <<'END'
Usage: nfv setup image [--kernel RELEASE] [--jre DIR] [--source DIR] [--size-report]
Builds the image that virtual machines boot, without root: Debian's kernel, netmap.ko and e1000.ko, busybox, Java and this
framework. Only what has changed is built: new jars take a few seconds.

  --kernel RELEASE   Debian's kernel of this release, such as 6.1.0-40-amd64 (default: the newest one when first asked)
  --jre DIR          put this Java runtime into the image as it is (default: a small one, made by jlink from the JDK that builds nfv)
  --source DIR       use the .deb files of this directory instead of downloading them by apt
  --size-report      say how large the parts are
END
}

# unpack DEB DIRECTORY TAR-PATTERN...: only what is needed of a package.
unpack() {
    mkdir -p "$2"
    dpkg-deb --fsys-tarfile "$1" | tar x -C "$2" --wildcards "${@:3}"
}

# --- Kernel and initrd ----------------------------------------------------------------------------------------------

# build_kernel DEB: the uncompressed kernel, and those of its modules that the guest loads.
build_kernel() {
    local -r kernel=$work/kernel
    rm -rf "$kernel"
    unpack "$1" "$kernel" "./boot/vmlinuz-$release" "./lib/modules/$release/modules.builtin*" "./lib/modules/$release/modules.order" \
        "${kernel_modules[@]/#/./lib/modules/$release/kernel/}"
    "$guest/extract-vmlinux" "$kernel/boot/vmlinuz-$release" >"$kernel/vmlinux"
}

# build_initrd BUSYBOX-DEB: a cpio archive of what runs before the disk with Java is there.
build_initrd() {
    local -r root=$work/initrd
    local applet module
    rm -rf "$root"
    mkdir -p "$root"/{bin,dev,etc,lib/modules/"$release"/updates,opt/ptnetmap,part,proc,root,sys,tmp,usr,var/run}
    unpack "$1" "$work/busybox" ./bin/busybox
    cp "$work/busybox/bin/busybox" "$root/bin"
    "$root/bin/busybox" --list | while read -r applet; do
        [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
    done
    for module in "${kernel_modules[@]}"; do
        install -D -m 644 "$work/kernel/lib/modules/$release/kernel/$module" "$root/lib/modules/$release/kernel/$module"
    done
    cp "$work/kernel/lib/modules/$release"/modules.* "$root/lib/modules/$release"
    cp "$data/kernel/$release"/{netmap,e1000}.ko "$root/lib/modules/$release/updates"
    find "$root/lib/modules" -name '*.ko' -exec strip --strip-debug {} +
    PATH=$PATH:/usr/sbin:/sbin depmod -b "$root" "$release"
    # Where Java looks for the C library, whatever system that comes from.
    ln -s opt/ptnetmap/syslib "$root/lib64"
    ln -s ../opt/ptnetmap/syslib "$root/usr/lib"
    ln -s ../opt/ptnetmap/syslib "$root/usr/lib64"
    ln -s ../bin "$root/usr/bin"
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
    printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
    install -m 755 "$guest/init" "$root/init"
    (cd "$root" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible -R 0:0) >"$work/initrd.cpio"
}

# --- Java and the framework -----------------------------------------------------------------------------------------

build_jre() {
    rm -rf "$work/jre"
    if [[ -n $jre ]]; then
        cp -a "$jre" "$work/jre"
    else
        "$JAVA_HOME/bin/jlink" --add-modules "$java_modules" --strip-debug --no-header-files --no-man-pages --output "$work/jre"
    fi
    [[ -e $work/jre/lib/server/classes.jsa ]] || "$work/jre/bin/java" -Xshare:dump
}

# The shared libraries that Java needs and does not bring along: this machine's C library.
copy_system_libraries() {
    find "$work/jre" -type f \( -name java -o -name '*.so' \) -exec ldd {} + | sed -nE 's#^.*(=> |\t)(/[^ ]+) \(0x.*#\2#p' |
        grep -vF "$work/jre/" | sort -u | xargs cp -Lt "$1"
}

build_root() {
    local -r root=$work/root
    rm -rf "$root"
    mkdir -p "$root"/{lib,syslib}
    ln -s ../jre "$root/jre"
    cp -p "$jars"/*.jar "$root/lib"
    copy_system_libraries "$root/syslib"
    rm "$root/jre"
    mv "$work/jre" "$root/jre"
    mksquashfs "$root" "$work/root.squashfs" -noappend -all-root -no-xattrs -quiet -no-progress $SQ
    mv "$root/jre" "$work/jre"
}

jre=
release=
while [[ $# -gt 0 ]]; do
    case $1 in
        --kernel) release=$2; shift 2;;
        *) exit 2;;
    esac
done
need_commands cpio=cpio depmod=kmod dpkg-deb=dpkg mksquashfs=squashfs-tools strip=binutils xz=xz-utils
: "${release:=$(guest_kernel)}"
mkdir -p "$image"
step "kernel" $work/log build_kernel $(deb_of linux-image-$release)
step "initrd" $work/log build_initrd $(deb_of busybox-static)
step "jre" $work/log build_jre
step "root" $work/log build_root
cp $work/kernel/vmlinux $work/initrd.cpio $work/root.squashfs $image
ls -la $image
