#!/usr/bin/env bash
# Gets what './bench cluster' puts beside Flotilla, on Debian 12: Galera and MHA, and sysbench for the load.
#
#   eng/peers/rivals.sh
#
# Galera's library, MHA and rsync are unpacked below .tools/rivals and not installed (rsync brings a service); the Perl
# libraries that MHA wants, and sysbench, are installed: none of them starts anything.
#
#   .tools/rivals/galera/usr/lib/libgalera_smm.so
#   .tools/rivals/mha/usr/bin     MHA's programs; PERL5LIB must name .tools/rivals/mha/usr/share/perl5
#   .tools/rivals/bin             rsync, and an ssh and scp for hosts that are network namespaces of this machine
#
# MHA 0.58 is of 2018 and does not run with MariaDB 10.11. These lines are changed, nothing else:
# * NodeUtil.pm, parse_mysql_version and parse_mysql_major_version: sprintf gets a number too many for '10.11.x-MariaDB-..' and dies under 'use warnings FATAL'.
# * SlaveUtil.pm: asks for @@super_read_only, which MariaDB does not have.
# It goes from host to host by ssh; ours takes no time to log in, and finds a host that is cut off out of reach as ssh does.
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib.sh"

rivals="$root/.tools/rivals"
need_packages libdbi-perl libdbd-mysql-perl libconfig-tiny-perl liblog-dispatch-perl libparallel-forkmanager-perl libpopt0 libxxhash0 lsof iproute2 sysbench
if [ "$(cat "$rivals/.stamp" 2>/dev/null)" = "$(cksum <"$root/eng/peers/rivals.sh")" ]; then exit 0; fi

mkdir -p "$root/.tools"
work=$(mktemp -d "$root/.tools/rivals.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/deb"
for entry in galera:galera-4 mha:mha4mysql-manager mha:mha4mysql-node rsync:rsync; do
    package=${entry#*:}
    if ! (cd "$work/deb" && apt-get -q -o APT::Sandbox::User=root download "$package") >"$work/log" 2>&1; then
        tail -n 5 "$work/log" >&2
        say "downloading $package failed"
        exit 4
    fi
    mkdir -p "$work/${entry%%:*}"
    dpkg -x "$work/deb/$package"_*.deb "$work/${entry%%:*}"
done

# shellcheck disable=SC2016  # Perl's variables
sed -i "s|'%03d%03d%03d', \$str =~ m/(\\\\d+)/g )|'%03d%03d%03d', ( \$str =~ m/(\\\\d+)/g )[ 0 .. 2 ] )|; s|'%03d%03d', \$str =~ m/(\\\\d+)/g )|'%03d%03d', ( \$str =~ m/(\\\\d+)/g )[ 0 .. 1 ] )|" "$work/mha/usr/share/perl5/MHA/NodeUtil.pm"
sed -i 's|SELECT .@.@global.super_read_only as Value|SELECT 0 as Value|' "$work/mha/usr/share/perl5/MHA/SlaveUtil.pm"
grep -qF '[ 0 .. 2 ]' "$work/mha/usr/share/perl5/MHA/NodeUtil.pm" && grep -qF '[ 0 .. 1 ]' "$work/mha/usr/share/perl5/MHA/NodeUtil.pm" && grep -qF 'SELECT 0 as Value' "$work/mha/usr/share/perl5/MHA/SlaveUtil.pm" || {
    say "MHA is not the one that the changes are for"
    exit 5
}

mkdir "$work/bin"
ln -s ../rsync/usr/bin/rsync "$work/bin/rsync"
# Hosts are 10.77.0.N in the network namespace $FLOTILLA_BENCH_NETWORK and N. Nobody listens on port 22: who refuses is there.
cat >"$work/bin/reachable" <<'END'
#!/bin/sh
exec perl -MIO::Socket::INET -MErrno -e 'exit(IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 22, Timeout => 5) || $!{ECONNREFUSED} ? 0 : 255)' "$1"
END
cat >"$work/bin/ssh" <<'END'
#!/bin/sh
host=
while [ $# -gt 0 ]; do
    case $1 in
    -o | -p | -l | -i) shift 2 ;;
    -*) shift ;;
    *)
        [ -z "$host" ] || break
        host=${1#*@}
        shift
        ;;
    esac
done
"$(dirname "$0")/reachable" "$host" || exit 255
exec ip netns exec "$FLOTILLA_BENCH_NETWORK${host##*.}" sh -c "$*"
END
cat >"$work/bin/scp" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
    -o | -P | -i) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
for place in "$1" "$2"; do
    case $place in *@*:*) host=${place#*@} && "$(dirname "$0")/reachable" "${host%%:*}" || exit 255 ;; esac
done
exec cp "${1#*@*:}" "${2#*@*:}"
END
chmod 755 "$work/bin/"*

rm -rf "$work/deb" "$rivals"
chmod 755 "$work"
cksum <"$root/eng/peers/rivals.sh" >"$work/.stamp"
mv "$work" "$rivals"
