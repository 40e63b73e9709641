#!/bin/sh
# Installs what tests need beside Python, from Debian's own packages: a WordPress with its database, a browser, wget.
# Nothing is started: each test runs what it needs in a folder of its own.
set -eu

packages="wordpress wordpress-l10n wordpress-theme-twentytwentyone wordpress-theme-twentytwentythree
          mariadb-server php-cli php-mysql php-gd php-xml php-mbstring
          chromium wget"

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || fail "apt-get not found: only Debian and its relatives have these packages"

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "for the tests: every package is installed already"
    exit 0
fi
[ "$(id -u)" = 0 ] || fail "must run as root to install:$missing"

# invoke-rc.d asks this script before it starts a service; 101 means "do not".
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
install() {
    # shellcheck disable=SC2086  # a list of words
    apt-get install --yes --quiet --no-install-recommends $missing >"$log" 2>&1
}
# The package lists may be absent or old: one look at them, then a second try.
if ! install; then
    apt-get update --quiet >>"$log" 2>&1 || fail "apt-get update failed; see $log"
    install || fail "apt-get could not install$missing; see $log"
fi
rm -f "$log"
echo "for the tests: installed$missing"
