#!/usr/bin/env bash
# Builds the native parts into the classes: the glue that JavaCPP generates from the bindings, the picture decoder that
# runs as a process of its own, and the variants of the face engine. A part is skipped when nothing it is made of has
# changed. Without a C++ compiler, libvips or dlib the program is built without that part: it falls back to pure Java, or
# its faces queue waits. CARAVEL_NATIVE=required makes that an error.
#   src/main/cpp/build.sh CLASSES JAVACPP_JAR        (Maven runs it)
set -euo pipefail
classes=$1 javacpp=$2
here=$(cd "$(dirname "$0")" && pwd)
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
case $(uname -m) in
  x86_64) platform=linux-x86_64 variants=(baseline avx2) ;;
  aarch64) platform=linux-arm64 variants=(baseline) ;;
  *) platform='' ;;
esac
vips_libraries=(-l:libvips.so.42 -l:libgobject-2.0.so.0 -l:libglib-2.0.so.0)
# OpenBLAS first: so its functions are the ones that dlib calls, whatever the system's libblas.so.3 is.
dlib_libraries=(-l:libopenblas.so.0 -ldlib)
flags=(-std=c++17 -O2 -fPIC -Wall -Wextra -Werror)
include=(-I"$here" -I"$java_home/include" -I"$java_home/include/linux")

missing() {
  [[ ${CARAVEL_NATIVE:-} != required ]] || { echo "native build: $1" >&2; exit 1; }
  echo "native build left out: $1"
}

# Each by its process id: a plain wait, or one for any of them, hides which has failed.
wait_for() {
  local each failed=0
  for each in "$@"; do wait "$each" || failed=1; done
  ((failed == 0)) || { echo "native build: a part could not be compiled, see above" >&2; exit 1; }
}

# Whether a part must be built: sets target (its directory), digest, and work (a new directory with JavaCPP's glue).
#   begin BINDING SOURCE ...
begin() {
  local package=${1%/*}
  target=$classes/$package/$platform
  digest=$(cd "$here" && cat build.sh "${@:2}" "$classes/$1".class "$classes/$1"\$*.class "$javacpp" <(g++ --version) | sha256sum)
  [[ $(cat "$target/digest" 2>/dev/null) != "$digest" ]] || return 1
  work=$all/${1##*/}
  mkdir -p "$work" "$target" "$common"
  "$java_home/bin/java" -jar "$javacpp" -classpath "$classes" -nocompile -d "$work" "${1//\//.}" \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  # What JavaCPP generates is not held to our warnings.
  if [[ ! -e $common/libjnijavacpp.so ]]; then
    g++ -std=c++17 -O2 -fPIC -shared "${include[@]}" "$work/jnijavacpp.cpp" -o "$common/libjnijavacpp.so" \
      -Wl,-soname,libjnijavacpp.so
  fi
}

# The glue of a part and what stands behind it, as one library.
#   link LIBRARY OBJECT_OR_OPTION ...
link() {
  g++ -shared -o "$1" "${@:2}" -L"$common" -ljnijavacpp -Wl,-rpath,'$ORIGIN' -Wl,-Bsymbolic
}

finish() {
  strip "$@" 2>/dev/null || true
  echo "$digest" >"$target/digest"
  echo "native build: $(basename "$(dirname "$target")") for $platform done"
}

build_vips() {
  begin io/caravel/thumbnail/vips/Vips caravel_vips.h caravel_vips.cpp lanczos.h picture_source.h picture_source.cpp vips_abi.h cage.h cage.cpp decode_main.cpp || return 0
  g++ -std=c++17 -O2 -fPIC -fvisibility=hidden "${include[@]}" -c "$work/jniVips.cpp" -o "$work/glue.o" &
  local glue=$!
  g++ "${flags[@]}" -O3 -fvisibility=hidden -c "$here/caravel_vips.cpp" -o "$work/engine.o" &
  local engine=$!
  g++ "${flags[@]}" -fvisibility=hidden -c "$here/picture_source.cpp" -o "$work/source.o" &
  local source=$!
  g++ "${flags[@]}" -fvisibility=hidden -c "$here/cage.cpp" -o "$work/cage.o" &
  wait_for $glue $engine $source $!
  link "$target/libjniVips.so" "$work/glue.o" "$work/engine.o" "$work/source.o" "$work/cage.o" "${vips_libraries[@]}"
  g++ "${flags[@]}" "$here/decode_main.cpp" "$work/engine.o" "$work/source.o" "$work/cage.o" -o "$target/caravel-decode" "${vips_libraries[@]}"
  finish "$target/caravel-decode" "$target/libjniVips.so"
}

# One variant of the face engine. -ffp-contract=off: fused multiplication and addition changes the detector's scores.
#   build_variant NAME FLAG ...
build_variant() {
  g++ "${flags[@]}" -O3 -ffp-contract=off -fvisibility=hidden "${@:2}" -c "$here/caravel_dlib.cpp" -o "$work/$1.o"
  g++ -shared "$work/$1.o" -o "$target/libcaravel-faces-$1.so" "${dlib_libraries[@]}" -Wl,-Bsymbolic -Wl,--gc-sections \
    -Wl,-z,defs -Wl,--version-script="$here/caravel_dlib.map"
}

build_dlib() {
  local jobs=()
  begin io/caravel/face/dlib/Dlib caravel_dlib.h caravel_dlib.cpp caravel_dlib_load.cpp caravel_dlib.map lanczos.h || return 0
  echo "native build: compiling the face engine (a minute)"
  build_variant baseline &
  jobs+=($!)
  if [[ " ${variants[*]} " == *' avx2 '* ]]; then
    build_variant avx2 -mavx2 &
    jobs+=($!)
  fi
  wait_for "${jobs[@]}"
  g++ -std=c++17 -O2 -fPIC -fvisibility=hidden "${include[@]}" -c "$work/jniDlib.cpp" -o "$work/glue.o"
  g++ "${flags[@]}" -fvisibility=hidden -c "$here/caravel_dlib_load.cpp" -o "$work/load.o"
  link "$target/libjniDlib.so" "$work/glue.o" "$work/load.o"
  finish "$target"/*.so
}

# Whether a program with this line links against these libraries.
links() {
  g++ -x c++ - "${@:2}" -o /dev/null 2>/dev/null <<<"$1"
}

[[ -n $platform ]] || { missing "the cage is not written for $(uname -m)"; exit 0; }
command -v g++ >/dev/null || { missing "there is no g++ (package g++)"; exit 0; }
common=$classes/org/bytedeco/javacpp/$platform
all=$(mktemp -d)
trap 'rm -rf "$all"' EXIT
if links 'extern "C" void vips_operation_block_set(const char*, int); int main() { vips_operation_block_set("", 0); }' "${vips_libraries[@]}"; then
  build_vips
else
  missing "there is no libvips of 8.13 or later (package libvips42 or libvips42t64)"
fi
if links '#include <dlib/base64.h>
int main() { dlib::base64 each; }' "${dlib_libraries[@]}"; then
  build_dlib
else
  missing "there is no dlib or no OpenBLAS (packages libdlib-dev and libopenblas0-pthread)"
fi
