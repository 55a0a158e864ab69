#!/usr/bin/env bash
# Installs Caravel as a service, or upgrades it: packages, user, program, face models, settings, unit. Root's, on Debian 12
# and 13, Ubuntu 22.04 and 24.04. "deploy/install.sh --help" says more.
set -euo pipefail
umask 022
export LANG=C.UTF-8 LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

say() { printf 'install: %s\n' "$*"; }

fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

usage() {
  cat <<'TEXT'
deploy/install.sh [--user NAME] [--group NAME] [--jar FILE] [--models DIRECTORY] [--size conservative|balanced|most]

  --user, --group   who runs it (caravel; the group is the user's name unless given). As beside a Laravel site:
                    --user www-data --group web
  --jar             the program; without it "./caravel jar" builds it here, which takes a JDK, Maven and a compiler
  --models          the directory with dlib's two model files; without it those that "./caravel jar" has fetched
  --size            how much of the machine it takes: about 40, 60 or 90 % (of a machine that is its own: leave it out)

A second run is the upgrade: /etc/caravel/caravel.env, the user and the size stay as they are unless given anew.
TEXT
}

user='' group='' jar='' models='' size=''
while (($#)); do
  case $1 in
    --user | --group | --jar | --models | --size)
      (($# > 1)) || fail "$1 wants a value: see --help"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) fail "there is no option $1: see --help" ;;
  esac
done
[[ -z $size || $size == @(conservative|balanced|most) ]] || fail "--size is conservative, balanced or most"
((EUID == 0)) || fail "this is root's: sudo deploy/install.sh"
command -v apt-get >/dev/null || fail "this system has no apt-get: deploy/README.md tells what is needed"
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
clone=$(dirname -- "$here")
[[ -z $jar ]] || jar=$(readlink -f -- "$jar")
settings=/etc/caravel/caravel.env
unit=/etc/systemd/system/caravel.service
dropin=$unit.d/10-install.conf
home=/var/lib/caravel

# --- packages -------------------------------------------------------------------------------------

apt_log=$(mktemp)
trap 'rm -f "$apt_log"' EXIT

apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >"$apt_log" 2>&1 </dev/null || {
    tail -n 8 "$apt_log" >&2
    fail "apt-get $1 failed: see above; is there a network?"
  }
}

has_candidate() {
  [[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[0-9]* ]]
}

# The first of these packages that this system has.
first_of() {
  local package
  for package in "$@"; do
    if has_candidate "$package"; then
      echo "$package"
      return
    fi
  done
  fail "this system has none of the packages $*"
}

say "reading the package lists"
apt update
packages=(
  "$(first_of openjdk-17-jre-headless openjdk-21-jre-headless openjdk-25-jre-headless)"
  libimage-exiftool-perl libraw-bin libopenblas0-pthread ca-certificates curl
  "$(first_of libvips42t64 libvips42)"
  "$(first_of libdlib19.2 libdlib19.1 libdlib19 libdlib20)"
)
for package in libheif-plugin-libde265 libheif-plugin-dav1d; do # HEIC and AVIF, since Debian 13
  if has_candidate "$package"; then packages+=("$package"); fi
done
say "installing ${packages[*]}"
apt install --no-install-recommends "${packages[@]}"

# --- the program, before anything that runs is touched -------------------------------------------------

if [[ -z $jar ]]; then
  "$clone/caravel" jar
  jar=$clone/target/caravel.jar
fi
[[ -f $jar ]] || fail "there is no $jar"
models=${models:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/caravel/face_recognition_models-0.3.0}

# --- user and folders ------------------------------------------------------------------------------

if [[ -e $dropin ]]; then # of the run before
  user=${user:-$(sed -n 's/^User=//p' "$dropin")}
  group=${group:-$(sed -n 's/^Group=//p' "$dropin")}
  size=${size:-$(sed -n 's/^# size: //p' "$dropin")}
fi
user=${user:-caravel}
group=${group:-$user}
# As a user of its own nobody else may look; beside a site its group works in the same folders.
mode=770
[[ $user == caravel && $group == caravel ]] || mode=775
getent group "$group" >/dev/null || groupadd --system "$group"
id -u "$user" >/dev/null 2>&1 ||
  useradd --system --gid "$group" --home-dir "$home" --no-create-home --shell /usr/sbin/nologin "$user"
install -d -m "$mode" -o "$user" -g "$group" "$home"
install -d -m 755 /opt/caravel /usr/local/share/caravel/models
install -d -m 750 -o root -g "$group" /etc/caravel

# --- program, models, settings -----------------------------------------------------------------------

# Moved into place: a jar that is overwritten while it runs breaks.
install -m 644 "$jar" /opt/caravel/caravel.new
mv /opt/caravel/caravel.new /opt/caravel/caravel.jar
install -m 644 "$clone/README.md" /opt/caravel/README.md
if compgen -G "$models/*.dat" >/dev/null; then
  install -m 644 -t /usr/local/share/caravel/models "$models"/*.dat
elif ! compgen -G '/usr/local/share/caravel/models/*.dat' >/dev/null; then
  say "no face models in $models: all works but the faces, which wait until they lie in /usr/local/share/caravel/models"
fi
names() { sed -n 's/^#\{0,1\}\(CARAVEL_[A-Z_]*\)=.*/\1/p' "$1" | sort -u; }
if [[ -e $settings ]]; then
  chgrp "$group" "$settings"
  new=$(comm -13 <(names "$settings") <(names "$here/caravel.env") | xargs)
  say "$settings is kept as it is${new:+; new settings since, see /etc/caravel/caravel.env.new: $new}"
  install -m 640 -g "$group" "$here/caravel.env" /etc/caravel/caravel.env.new
else
  install -m 640 -g "$group" "$here/caravel.env" "$settings"
  say "the settings are in $settings"
fi

# --- unit --------------------------------------------------------------------------------------------

# Prints the settings of a share of the machine; the figures are those of deploy/README.md, Sizing.
of_size() {
  local cores share faces thumbnails metadata
  cores=$(nproc)
  case $size in
    conservative) share=40 faces=$((cores / 8)) thumbnails=$((cores / 4)) ;;
    balanced) share=60 faces=$((cores / 4)) thumbnails=$((cores / 2)) ;;
    most) share=90 faces=$((cores * 3 / 8)) thumbnails=$((cores * 3 / 4)) ;;
  esac
  faces=$((faces > 0 ? faces : 1)) thumbnails=$((thumbnails > 0 ? thumbnails : 1))
  metadata=$((thumbnails < 4 ? thumbnails : 4))
  echo "CPUQuota=$((cores * share))%"
  # 1.6 GB as it is for two cores; 200 MB for a further worker of faces or metadata, 100 for one of thumbnails.
  echo "MemoryMax=$((1600 + 200 * (faces + metadata) + 100 * thumbnails))M"
  # caravel.env has the last word.
  echo "Environment=CARAVEL_WORKERS_FACES=$faces CARAVEL_WORKERS_THUMBNAILS=$thumbnails CARAVEL_WORKERS_METADATA=$metadata"
}

install -d -m 755 "$unit.d"
install -m 644 "$here/caravel.service" "$unit"
{
  echo "# Written by deploy/install.sh at each run. Yours go beside it: systemctl edit caravel"
  if [[ -n $size ]]; then echo "# size: $size"; fi
  printf '[Service]\nUser=%s\nGroup=%s\nStateDirectoryMode=0%s\n' "$user" "$group" "$mode"
  if [[ -n $size ]]; then of_size; fi
} >"$dropin"

# How the service starts it, for machines without systemd.
{
  printf '#!/bin/bash\n# Written by deploy/install.sh: starts Caravel as its service would, without systemd. To be run as %s.\n' "$user"
  cat <<'START'
umask 002
export LANG=C.UTF-8 LC_ALL=C.UTF-8 MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=1048576
export CARAVEL_HOME=/var/lib/caravel CARAVEL_HEAP=320m
while IFS= read -r line; do
  if [[ $line =~ ^CARAVEL_[A-Z_]+= ]]; then export "$line"; fi
done </etc/caravel/caravel.env
cd "$CARAVEL_HOME" || exit 78
START
  sed -n 's|^ExecStart=/usr/bin/java|exec java|p' "$here/caravel.service"
} >/opt/caravel/start
chmod 755 /opt/caravel/start

# --- start ---------------------------------------------------------------------------------------------

port=$(sed -n 's/^CARAVEL_PORT=//p' "$settings")
if [[ -d /run/systemd/system ]]; then
  systemctl daemon-reload
  systemctl enable --quiet caravel
  systemctl stop caravel # else the old one might answer below
  systemctl start --no-block caravel
  say "starting it"
  for ((seconds = 0; seconds < 120; seconds++)); do
    if curl -fsS -o /dev/null "http://127.0.0.1:${port:-8080}/actuator/health/readiness" 2>/dev/null; then
      say "Caravel runs: http://127.0.0.1:${port:-8080}"
      exit 0
    fi
    if systemctl is-failed --quiet caravel; then
      journalctl -u caravel -n 5 --no-pager >&2 || true
      fail "it does not start: see above, and journalctl -u caravel"
    fi
    sleep 1
  done
  say "it is still starting, or waits for its database: journalctl -u caravel"
else
  say "systemd does not run here. Start it with: setpriv --reuid=$user --regid=$group --init-groups --no-new-privs /opt/caravel/start"
fi
