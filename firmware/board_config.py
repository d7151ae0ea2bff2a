"""What this board is and which modules it starts: the template. Every key: docs/firmware.md."""

import logging as levels

import board_secrets

kind = "devkit"  # which pins the LEDs are on
location = "my-board"  # the board's name: in its topics and for its modules

# Folders with modules, besides /: /src is where an application goes.
syspath = ["/lib", "/src"]

_prefix = "esp32/" + location

mqtt = {
    "server": board_secrets.mqtt_server,
    "port": 8883,
    # The broker's certificate has to be signed by this CA. Without "ca" and without a file /ca.pem
    # anybody may play the broker: the board says so in its log.
    "ssl_params": {"server_hostname": board_secrets.mqtt_server, "ca": "/ca.pem"},
    "user": board_secrets.mqtt_user,
    "password": board_secrets.mqtt_password,
    "ssid": board_secrets.wifi_ssid,
    "wifi_pw": board_secrets.wifi_pass,
}

logging = {
    "topic": _prefix + "/log",
    "numbered": True,  # so that a host sees what is missing
    "boot_sz": 4096,  # bytes of log lines kept until the first connection
    "boot_level": levels.DEBUG,
    "loop_sz": 2048,  # the same, later on
    "loop_level": levels.INFO,
}

mqrepl = {"prefix": _prefix + "/mqb/"}

sysinfo = {"interval": 60}  # seconds
sntp = {"host": "pool.ntp.org", "tz": "UTC0"}  # "CET-1CEST,M3.5.0,M10.5.0/3" in Berlin

# In the order of their start; each has a dict of the same name above.
modules = ["mqtt", "sntp", "logging", "mqrepl", "sysinfo"]
