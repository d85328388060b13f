#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# The first process of a machine that guest.sh boots: runs /job and says how it ended.

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
echo 5 >/proc/sys/kernel/printk
ip link set lo up

# Where the kernel can make allocations fail, all kinds of them, and without a word.
for kind in failslab fail_page_alloc; do
    directory=/sys/kernel/debug/$kind
    [ -d $directory ] || continue
    echo N >$directory/ignore-gfp-wait
    echo 0 >$directory/verbose
    [ ! -e $directory/min-order ] || echo 0 >$directory/min-order
done

/job
status=$?

# What has no reference twice, with the same contents, is lost; what is younger than five seconds does not count.
if [ -w /sys/kernel/debug/kmemleak ]; then
    sleep 6
    echo scan >/sys/kernel/debug/kmemleak
    sleep 6
    echo scan >/sys/kernel/debug/kmemleak
    cat /sys/kernel/debug/kmemleak
fi
echo "RESULT $status"
poweroff -f
