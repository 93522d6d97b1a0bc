# SPDX-License-Identifier: GPL-2.0-or-later
"""A server's network across a quiesce and its rollback: all is as it was, or named."""

import pytest

from lab import iproute
from lab.setup import Setup

MODULES = ["veth", "bonding", "8021q", "vxlan", "macvlan", "macvtap", "ipvlan", "macsec", "bridge", "ip_gre"]


def four_cards(hardware):
    for _ in range(4):
        hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")


NETWORK = """
ip() { /usr/bin/ip "$@"; }
load_drivers
card() { for link in $(links); do case $(cat "/sys/class/net/$link/address") in *:$1) echo "$link" ;; esac; done; }
a=$(card 00) b=$(card 01) c=$(card 02) d=$(card 03)
must() { "$@" || report error "$*"; }

# A hundred containers on a bridge: none of it is a card's, all of it stays.
must ip link add br0 type bridge
for number in $(seq 100); do
	must ip link add "ve$number" type veth peer name "pe$number"
	must ip link set "ve$number" master br0 up
	must ip link set "pe$number" up
done
# Two cards in a bond, a VLAN on it, and a bridge on that.
must ip link add kb0 type bond mode active-backup miimon 100
must ip link set "$a" down
must ip link set "$b" down
must ip link set "$a" master kb0
must ip link set "$b" master kb0
must ip link set kb0 up
must ip link add link kb0 name kb0.10 type vlan id 10
must ip addr add 192.0.2.1/24 dev kb0.10
must ip link set kb0.10 up
must ip route add 198.51.100.0/24 via 192.0.2.254
# On the third card a VLAN, a VLAN on that, two VXLANs, one a port of the bridge, and macvlans.
must ip link set "$c" up
must ip addr add 203.0.113.1/24 dev "$c"
must ip link add link "$c" name c5 type vlan id 5 ingress-qos-map 1:2
must ip link add link c5 name c5.7 type vlan proto 802.1ad id 7
must ip link add vx42 type vxlan id 42 dev "$c" dstport 4789 nolearning local 203.0.113.1 ttl 9
must ip link add vx43 type vxlan id 43 dev "$c" dstport 4790 group 239.1.1.1 ttl inherit
must ip link add link "$c" name mv0 type macvlan mode private
must ip link add link "$c" name mt0 type macvtap mode bridge
must ip link set vx43 master br0
for link in c5 c5.7 vx42 vx43 mv0 mt0 br0; do must ip link set $link up; done
must ip addr add 10.42.0.1/16 dev vx42
must ip neigh add 10.42.0.7 lladdr 02:00:00:00:00:07 dev vx42
must bridge fdb append 00:00:00:00:00:00 dev vx42 dst 203.0.113.8
must bridge fdb append 00:00:00:00:00:00 dev vx42 dst 203.0.113.9
must bridge fdb add 02:00:00:00:00:07 dev vx42 dst 203.0.113.9
must ip addr add 10.5.0.1/16 dev c5
must ip addr add 10.7.0.1/16 dev mv0
# On the fourth ipvlans.
must ip link set "$d" up
must ip link add link "$d" name iv0 type ipvlan mode l3
must ip link set iv0 up
must ip addr add 10.8.0.1/16 dev iv0
%s
picture() {
	for kind in vlan vxlan macvlan macvtap ipvlan; do
		ip -d -o link show type $kind
	done | sed 's/^[0-9]*: //; s/@if[0-9]*:/:/; s/ qdisc [^ ]*//; s/ state [^ ]*//; s/bridge_slave .*//'
	for link in /sys/class/net/*/; do
		link=${link%%/}
		master=$(readlink "$link/master")
		echo "${link##*/} up $(($(cat "$link/flags") & 1)) mtu $(cat "$link/mtu") $(cat "$link/address") ${master##*/}"
	done
	ip -4 -o addr show | sed 's/^[0-9]*: //'
	ip route show table all type unicast | sed 's/ linkdown//; / expires /d'
	ip neigh show nud permanent
	cat /proc/net/bonding/kb0 | grep -E 'Mode|Interface|MII'
	bridge fdb show dev vx42
}
sleep 3
picture | sort >/tmp/before
report links "$(wc -l </tmp/before)"
report_lines quiesce kexit quiesce
report then "$(ls /sys/class/net | wc -l)" "$(ls /sys/class/net | grep -cE '^(c5|c5.7|vx42|vx43|mv0|mt0|iv0)$')"
report_lines rollback kexit rollback
sleep 3
picture | sort >/tmp/after
report_lines difference diff /tmp/before /tmp/after
%s
report trouble "$(dmesg | grep -cE 'BUG|WARNING|Oops')"
"""


def network(lab, kernel, more="", then=""):
    setup = Setup(kernel=kernel, devices=four_cards, modules=MODULES)
    setup.files = iproute.guest_files(setup.architecture)
    results = lab.script(setup, NETWORK % (more, then), timeout=500)
    assert results.every("error") == []
    assert results.one("quiesce-status") == "0", results.every("quiesce")
    return results


@pytest.mark.parametrize("kernel", ["6.1", pytest.param("6.12", marks=pytest.mark.long)])
def test_bond_vlans_vxlans_macvlans_and_ipvlans_come_back(lab, kernel):
    """Beside a hundred pairs of containers' links."""
    results = network(lab, kernel)
    _, left = results.one("then").split()
    assert left == "0"
    assert results.every("difference") == []
    assert results.one("rollback-status") == "0", results.every("rollback")
    assert results.one("trouble") == "0"


@pytest.mark.parametrize("kernel", ["6.1", pytest.param("6.12", marks=pytest.mark.long)])
def test_what_cannot_be_made_again_is_named(lab, kernel):
    """MACsec, whose keys nobody can read, and a tunnel that keeps a card's old index; not VLANs on
    MACsec alone. Once somebody has set them up again, all is back."""
    results = network(lab, kernel, """
must ip link del iv0
must ip link add link "$d" name ms0 type macsec
must ip link add link ms0 name ms0.3 type vlan id 3
must ip link add gre1 type gre local 203.0.113.1 remote 203.0.113.2 dev "$c"
""", """
must ip link add link "$d" name ms0 type macsec
must ip link add link ms0 name ms0.3 type vlan id 3
must ip link set gre1 type gre local 203.0.113.1 remote 203.0.113.2 dev "$c"
report_lines again kexit rollback
""")
    said = "\n".join(results.every("rollback"))
    assert results.one("rollback-status") == "4", said
    assert "ms0 (macsec on " in said and "its keys cannot be read" in said
    assert "ms0.3 (vlan on ms0)" in said
    assert "gre1 (gre): it still goes through the " in said
    assert results.one("again-status") == "0", results.every("again")
