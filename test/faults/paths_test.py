#!/usr/bin/env python3
# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What happens to the path between two machines: it goes dark, it is refused, links, addresses and routes go away."""
from stage import CLIENT, SERVER, needs, rig
from traffic import Between_machines

# What an error tells at once, with messages on their way: the time of one of them, and of a busy machine.
AT_ONCE = 500


@needs("namespaces", "iptables")
class Firewall(Between_machines):
    def rule(self, chain, way, *target):
        """Two commands on the client's machine: the rule comes, the rule goes."""
        tail = [chain, "-p", "tcp", "-s" if way == "from" else "-d", SERVER, "-j", *target]
        return (lambda: self.stage.client.do("iptables", "-w", "-I", *tail),
                lambda: self.stage.client.do("iptables", "-w", "-D", *tail))

    def test_a_path_that_is_dark_towards_the_server_is_dead_in_time_and_heals(self):
        self.break_and_heal("black hole towards the server, busy", *self.rule("OUTPUT", "to", "DROP"))

    def test_a_path_that_is_dark_towards_the_client_is_dead_in_time_and_heals(self):
        self.break_and_heal("black hole towards the client, busy", *self.rule("INPUT", "from", "DROP"))

    def test_an_idle_path_that_goes_dark_towards_the_server_is_dead_in_time_and_heals(self):
        self.break_and_heal("black hole towards the server, idle", *self.rule("OUTPUT", "to", "DROP"), idle=True)

    def test_an_idle_path_that_goes_dark_towards_the_client_is_dead_in_time_and_heals(self):
        self.break_and_heal("black hole towards the client, idle", *self.rule("INPUT", "from", "DROP"), idle=True)

    def test_a_firewall_that_answers_with_resets_is_noticed_at_once(self):
        self.break_and_heal("REJECT with tcp-reset", *self.rule("OUTPUT", "to", "REJECT", "--reject-with", "tcp-reset"),
                            allowed=AT_ONCE)


@needs("namespaces", "ss")
class Killed_sockets(Between_machines):
    def test_a_socket_that_is_killed_under_the_client_is_replaced_at_once(self):
        self.break_and_heal("ss -K at the client", lambda: self.stage.client.do("ss", "-K", "dst", SERVER),
                            allowed=AT_ONCE)

    def test_a_socket_that_is_killed_under_the_server_is_replaced_at_once(self):
        self.break_and_heal("ss -K at the server", lambda: self.stage.server.do("ss", "-K", "dst", CLIENT),
                            allowed=AT_ONCE)


@needs("namespaces")
class Addresses_and_routes(Between_machines):
    def ip(self, *arguments):
        return lambda: self.stage.client.do("ip", *arguments)

    def test_a_link_that_goes_down_at_the_client_is_dead_in_time_and_heals(self):
        self.break_and_heal("link down at the client", self.ip("link", "set", "c0", "down"),
                            self.ip("link", "set", "c0", "up"))

    def test_a_link_that_goes_down_at_the_server_is_dead_in_time_and_heals(self):
        self.break_and_heal("link down at the server", lambda: self.stage.server.do("ip", "link", "set", "s0", "down"),
                            lambda: self.stage.server.do("ip", "link", "set", "s0", "up"))

    def test_an_address_that_is_taken_away_is_dead_in_time_and_heals(self):
        address = CLIENT + "/24"
        self.break_and_heal("address removed at the client", self.ip("addr", "del", address, "dev", "c0"),
                            self.ip("addr", "add", address, "dev", "c0"))

    def test_another_address_in_its_place_is_used(self):
        def move():
            self.ip("addr", "del", CLIENT + "/24", "dev", "c0")()
            self.ip("addr", "add", "10.0.0.77/24", "dev", "c0")()

        self.break_and_heal("address changed at the client", move)

    def no_way(self, kind):
        self.break_and_heal("route %s" % kind, self.ip("route", "add", kind, SERVER), self.ip("route", "del", kind, SERVER))

    def test_a_route_into_a_black_hole_is_dead_in_time_and_heals(self):
        self.no_way("blackhole")

    def test_a_route_that_is_unreachable_is_dead_in_time_and_heals(self):
        self.no_way("unreachable")

    def test_a_route_that_is_prohibited_is_dead_in_time_and_heals(self):
        self.no_way("prohibit")


if __name__ == "__main__":
    rig.main(__doc__)
