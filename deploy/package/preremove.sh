#!/bin/sh
# Before the package goes: "remove" from dpkg, 0 from rpm. An upgrade keeps the bot running until it is restarted.
set -e
case "$1" in
  remove | 0) [ ! -d /run/systemd/system ] || systemctl disable --now cbhbot.service ;;
esac
