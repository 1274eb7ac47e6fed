#!/usr/bin/env python3
"""Records what libgearman and gearmand say to each other, and writes one file per packet.

    record.py GEARMAND TRAFFIC PACKETS_FOLDER ADMIN_FOLDER

Starts GEARMAND (the program, not the service) on a free loopback port with a neutral handle prefix, puts a proxy before it,
runs TRAFFIC through the proxy, then asks the text commands directly. Stops what it started.
"""
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

NAMES = """NONE CAN_DO CANT_DO RESET_ABILITIES PRE_SLEEP UNUSED NOOP SUBMIT_JOB JOB_CREATED GRAB_JOB NO_JOB JOB_ASSIGN WORK_STATUS
WORK_COMPLETE WORK_FAIL GET_STATUS ECHO_REQ ECHO_RES SUBMIT_JOB_BG ERROR STATUS_RES SUBMIT_JOB_HIGH SET_CLIENT_ID CAN_DO_TIMEOUT
ALL_YOURS WORK_EXCEPTION OPTION_REQ OPTION_RES WORK_DATA WORK_WARNING GRAB_JOB_UNIQ JOB_ASSIGN_UNIQ SUBMIT_JOB_HIGH_BG
SUBMIT_JOB_LOW SUBMIT_JOB_LOW_BG SUBMIT_JOB_SCHED SUBMIT_JOB_EPOCH SUBMIT_REDUCE_JOB SUBMIT_REDUCE_JOB_BACKGROUND GRAB_JOB_ALL
JOB_ASSIGN_ALL GET_STATUS_UNIQUE STATUS_RES_UNIQUE""".split()

COMMANDS = ["version", "status", "prioritystatus", "workers", "show jobs", "show unique jobs", "show x", "show", "cancel job H:golden:999",
            "cancel a b", "create function", "create function made", "drop function nothing-there", "drop function made", "drop",
            "maxqueue", "maxqueue queued 10", "verbose", "nonsense", "", " status", "STATUS", "status a b c d e"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port):
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Recorder:
    """Splits each direction into packets and remembers those that differ in form."""

    def __init__(self):
        self.seen = {}
        self.lock = threading.Lock()

    def feed(self, buffer, who):
        while len(buffer) >= 12:
            assert buffer[:4] in (b"\0REQ", b"\0RES"), bytes(buffer[:12])
            kind, length = struct.unpack(">II", buffer[4:12])
            if len(buffer) < 12 + length:
                return
            packet = bytes(buffer[:12 + length])
            del buffer[:12 + length]
            with self.lock:
                known = self.seen.setdefault((kind, who), [])
                # An ERROR counts as new by its code, others by the number of zero bytes in their body.
                shape = packet[12:].split(b"\0")[0] if kind == 19 else packet[12:].count(b"\0")
                if len(known) < 4 and shape not in [other for other, _ in known]:
                    known.append((shape, packet))


def relay(client, port, recorder):
    server = connect(port)
    buffers = {client: (server, bytearray(), "libgearman"), server: (client, bytearray(), "gearmand")}
    try:
        while True:
            for ready in select.select(list(buffers), [], [])[0]:
                other, buffer, who = buffers[ready]
                data = ready.recv(65536)
                if not data:
                    return
                buffer += data
                recorder.feed(buffer, who)
                other.sendall(data)
    except OSError:
        pass
    finally:
        client.close()
        server.close()


def proxy(port, recorder):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)

    def accept():
        while True:
            client, _ = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=relay, args=(client, port, recorder), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def ask(port, command):
    with connect(port) as connection:
        connection.settimeout(0.3)
        connection.sendall(command.encode() + b"\r\n")
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
            return answer + b"<closed>"
        except socket.timeout:
            return answer


def hex_lines(packet):
    pairs = packet.hex(" ")
    return "\n".join(pairs[i:i + 96].strip() for i in range(0, len(pairs), 96))


def write_packets(folder, recorder, version):
    for (kind, who), packets in sorted(recorder.seen.items()):
        for number, (_, packet) in enumerate(packets):
            name = f"{kind:02}-{NAMES[kind]}-{who}" + (f"-{number + 1}" if number else "")
            with open(os.path.join(folder, name + ".hex"), "w") as file:
                file.write(f"# {NAMES[kind]} ({kind}), as sent by {who} {version}\n{hex_lines(packet)}\n")


def main():
    gearmand, traffic, packets_folder, admin_folder = sys.argv[1:]
    version = subprocess.run([gearmand, "--version"], capture_output=True, text=True).stdout.split()[1]
    port = free_port()
    server = subprocess.Popen([gearmand, "-L", "127.0.0.1", "-p", str(port), "-l", "none", "-P", "", "--job-handle-prefix", "H:golden"])
    try:
        connect(port).close()
        recorder = Recorder()
        subprocess.run([traffic, "127.0.0.1", str(proxy(port, recorder))], timeout=60, check=True)
        time.sleep(0.2)
        write_packets(packets_folder, recorder, version)
        with open(os.path.join(admin_folder, "answers.txt"), "w") as file:
            file.write(f"# What gearmand {version} answers to text commands: command, tab, answer; C escapes.\n")
            for command in COMMANDS:
                answer = ask(port, command).decode("latin-1").encode("unicode_escape").decode()
                file.write(f"{command}\t{answer}\n")
    finally:
        server.terminate()
        server.wait()


main()
