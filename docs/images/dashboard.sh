#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the pictures of the dashboard beside this script, of a node with chains at work: docs/images/dashboard.sh
# Needs what 'nfv setup tests' installs.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
readonly here
readonly nfv=$here/../../nfv
readonly driver=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}/playwright/driver/linux
state=$(mktemp -d)
node=
trap '[[ -z $node ]] || kill "$node"; wait; rm -rf "$state"' EXIT

cat >"$state/edge.yaml" <<'END'
chain: edge
link: {type: pipe}
functions:
  - {type: generator, config: {rate: 200k, size: 64-1500, flows: 5000, source-port: 1024-2023}}
  - type: firewall
    process: own
    config:
      default: drop
      rules:
        - {name: low-ports, action: drop, protocol: udp, source-port: [1024-1073]}
        - {name: from-inside, action: accept, source: [198.18.0.0/15]}
        - {name: names, action: accept, protocol: udp, destination-port: [53]}
  - {type: nat44, config: {inside: [198.18.0.0/16], external: [203.0.113.1]}}
  - {type: monitor, config: {top: 5}}
  - {type: sink}
END
cat >"$state/mirror.yaml" <<'END'
chain: mirror
functions:
  - {type: generator, config: {rate: 20k, flows: 10}}
  - parallel:
      - {type: monitor, worker: 1, config: {top: 3}}
      - {name: second-monitor, type: monitor, worker: 2}
  - {type: sink}
END

"$nfv" node --state "$state/node" --listen 127.0.0.1:0 --name edge-1 >"$state/out" 2>"$state/log" &
node=$!
: >"$state/out"
until grep -q '^serving' "$state/out"; do
    kill -0 "$node"
    sleep 0.2
done
address=$(sed -n 's/^serving //p' "$state/out")
token=$(<"$(sed -n 's/^an administrator.s token is in //p' "$state/out")")
for chain in edge mirror; do
    curl -fsS -X PUT -H "Authorization: Bearer $token" -H 'Content-Type: application/yaml' -H 'Prefer: wait=30' \
        --data-binary "@$state/$chain.yaml" "$address/v1/chains/$chain" >"$state/answer"
done

cat >"$state/pictures.js" <<'END'
const [, , package, address, token, directory] = process.argv;
const { chromium } = require(package);
(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = async (colorScheme, hash, height) => {
    const page = await (await browser.newContext({ viewport: { width: 1360, height }, colorScheme })).newPage();
    await page.goto(`${address}/#token=${token}`);
    await page.waitForSelector(".chain-row");
    await page.evaluate((to) => (location.hash = to), hash);
    return page;
  };
  const light = await page("light", "#/chains/edge/functions/firewall", 1080);
  const dark = await page("dark", "#/chains/edge/functions/firewall", 860);
  await light.waitForTimeout(45_000);
  await light.screenshot({ path: `${directory}/dashboard.png` });
  await dark.getByRole("tab", { name: "Configuration" }).click();
  await dark.locator(".records summary").nth(1).click();
  await dark.screenshot({ path: `${directory}/dashboard-form.png` });
  await browser.close();
})();
END
"$driver/node" "$state/pictures.js" "$driver/package" "$address" "$token" "$here"
