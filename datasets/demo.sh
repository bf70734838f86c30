#!/bin/sh
# The main job of trammel on shipped data: govern, record, verify, prove, replay, what-if.
# usage: datasets/demo.sh PROGRAM
set -eu
trammel=$1
data=$(dirname "$0")
space=$(mktemp -d)/space
trap 'rm -rf "$(dirname "$space")"' EXIT

step() {
	printf '\n\033[1m$ %s\033[0m\n' "$1"
}
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
	step() { printf '\n$ %s\n' "$1"; }
fi

step 'trammel init space --origin example.org/support'
"$trammel" init "$space" --origin example.org/support | sed "s|$space|space|"

step 'cp support.yaml space/policies/policy.yaml'
cp "$data/policies/support.yaml" "$space/policies/policy.yaml"

step 'trammel import support-refunds.jsonl --format openai-chat -C space'
"$trammel" import "$data/incidents/support-refunds.jsonl" --format openai-chat -C "$space"

step 'trammel log verify -C space    # size, root, tiles, signature: all recomputed'
"$trammel" log verify -C "$space"

step 'trammel log prove 25 -C space > 25.tlog-proof'
step 'trammel log check-proof 25.tlog-proof --vkey space/keys/log.vkey'
"$trammel" log prove 25 -C "$space" >"$space/25.tlog-proof"
"$trammel" log check-proof "$space/25.tlog-proof" --vkey "$space/keys/log.vkey" | tail -n 1

step 'trammel replay -C space    # the whole log again, bit for bit'
"$trammel" replay -C "$space"

# What would the policy that was written afterwards have decided?
step 'trammel replay -C space --policy support-after-incident.yaml'
"$trammel" replay -C "$space" --policy "$data/policies/support-after-incident.yaml"

step "echo '{\"agent\": \"support-bot\", \"action\": \"delete_account\"}' | trammel check -C space"
echo '{"agent": "support-bot", "action": "delete_account"}' |
	"$trammel" check -C "$space" || echo "exit status $?: denied, and recorded"
