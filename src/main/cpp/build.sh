#!/usr/bin/env bash
# Builds the native parts into the classes: the glue that JavaCPP generates from the binding, and the decoder that
# runs as a process of its own. Skipped when nothing they are made of has changed. Without a C++ compiler or libvips
# the program is built without them and falls back to pure Java; CARAVEL_NATIVE=required makes that an error.
#   src/main/cpp/build.sh CLASSES JAVACPP_JAR        (Maven runs it)
set -euo pipefail
classes=$1 javacpp=$2
here=$(cd "$(dirname "$0")" && pwd)
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
case $(uname -m) in
  x86_64) platform=linux-x86_64 ;;
  aarch64) platform=linux-arm64 ;;
  *) platform='' ;;
esac
libraries=(-l:libvips.so.42 -l:libgobject-2.0.so.0 -l:libglib-2.0.so.0)
flags=(-std=c++17 -O2 -fPIC -Wall -Wextra -Werror)

missing() {
  [[ ${CARAVEL_NATIVE:-} != required ]] || { echo "native build: $1" >&2; exit 1; }
  echo "native build left out: $1"
  exit 0
}
[[ -n $platform ]] || missing "the cage is not written for $(uname -m)"
command -v g++ >/dev/null || missing "there is no g++ (package g++)"
echo 'extern "C" void vips_operation_block_set(const char*, int); int main() { vips_operation_block_set("", 0); }' | g++ -x c++ - "${libraries[@]}" -o /dev/null 2>/dev/null ||
  missing "there is no libvips of 8.13 or later (package libvips42 or libvips42t64)"

binding=io/caravel/thumbnail/vips
target=$classes/$binding/$platform
digest=$(cat "$here"/* "$classes/$binding"/Vips.class "$classes/$binding"/Vips\$*.class "$javacpp" <(g++ --version) | sha256sum)
[[ $(cat "$target/digest" 2>/dev/null) != "$digest" ]] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$java_home/bin/java" -jar "$javacpp" -classpath "$classes" -nocompile -d "$work" io.caravel.thumbnail.vips.Vips \
  >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
mkdir -p "$target" "$classes/org/bytedeco/javacpp/$platform"
include=(-I"$here" -I"$java_home/include" -I"$java_home/include/linux")
# What JavaCPP generates is not held to our warnings.
g++ -std=c++17 -O2 -fPIC -shared "${include[@]}" "$work/jnijavacpp.cpp" \
  -o "$classes/org/bytedeco/javacpp/$platform/libjnijavacpp.so" -Wl,-soname,libjnijavacpp.so &
g++ -std=c++17 -O2 -fPIC -fvisibility=hidden "${include[@]}" -c "$work/jniVips.cpp" -o "$work/glue.o" &
g++ "${flags[@]}" -fvisibility=hidden -c "$here/caravel_vips.cpp" -o "$work/engine.o" &
wait -n && wait -n && wait -n
g++ -shared "$work/glue.o" "$work/engine.o" -o "$target/libjniVips.so" \
  -L"$classes/org/bytedeco/javacpp/$platform" -ljnijavacpp "${libraries[@]}" -Wl,-rpath,'$ORIGIN' -Wl,-Bsymbolic
g++ "${flags[@]}" "$here/decode_main.cpp" "$work/engine.o" -o "$target/caravel-decode" "${libraries[@]}"
strip "$target/caravel-decode" "$target/libjniVips.so" 2>/dev/null || true
echo "$digest" >"$target/digest"
echo "native build: $platform done"
