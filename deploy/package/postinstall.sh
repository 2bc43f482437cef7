#!/bin/sh
# After the package was installed or upgraded. It starts nothing that was not running: the settings come first.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl try-restart cbhbot.service
