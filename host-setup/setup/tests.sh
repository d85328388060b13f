#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What tests use where it is there: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

usage() {
    cat <<'END'
Usage: nfv setup tests
Installs what tests use where it is there, and are skipped without: Chromium, curl, systemd-nspawn and zsh, as root by apt; the
driver of Playwright, which steers Chromium, from Maven (a download of 200 MB); promtool, which judges metrics, out of Debian's
package prometheus, without installing that; Node.js and npm, and by them what makes up requests to a node: json-schema-faker,
fast-check, and Specmatic (a download of 75 MB).
END
}

# The driver of the version that the build's tests are written for.
unpack_driver() {
    local -r version=$1 home=$data/playwright
    rm -rf "$home"
    mkdir -p "$home"
    mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:unpack -f "$here/../../pom.xml" -N \
        "-Dartifact=com.microsoft.playwright:driver-bundle:$version:jar" '-Dmdep.unpack.includes=driver/linux/**' \
        "-DoutputDirectory=$home"
    chmod +x "$home/driver/linux/node"
    printf '%s\n' "$version" >"$home/version"
}

unpack_promtool() {
    local -r home=$cache/promtool
    rm -rf "$home"
    mkdir -p "$home" "$data/bin"
    cd "$home"
    apt-get download -q prometheus
    dpkg-deb -x prometheus_*.deb .
    cp usr/bin/promtool "$data/bin/promtool"
    cd "$here"
    rm -rf "$home"
}

# Nothing of a package is run to install it.
install_npm_packages() {
    rm -rf "$data/npm"
    mkdir -p "$data/npm"
    npm install --prefix "$data/npm" --no-audit --no-fund --ignore-scripts --no-save "$@"
    printf '%s\n' "$*" >"$data/npm/version"
}

case ${1:-} in
    '') ;;
    -h | --help)
        usage
        exit
        ;;
    *) fail 2 "'nfv setup tests' has no $1: see --help" ;;
esac

lock tests
need_commands mvn=maven chromium=chromium curl=curl systemd-nspawn=systemd-container zsh=zsh node=nodejs npm=npm
version=$(sed -n 's:.*<playwright.version>\(.*\)</playwright.version>.*:\1:p' "$here/../../pom.xml")
is_current "$data/playwright/version" "$version" || step "unpacking Playwright's driver" "$cache/playwright.log" unpack_driver "$version"
command -v promtool >/dev/null || [[ -x $data/bin/promtool ]] || step "unpacking promtool" "$cache/promtool.log" unpack_promtool
npm_packages=(json-schema-faker@0.6.3 fast-check@4.11.0 specmatic@2.43.2)
is_current "$data/npm/version" "${npm_packages[*]}" || step "installing what makes up requests" "$cache/npm.log" install_npm_packages "${npm_packages[@]}"
say "what tests use is here"
