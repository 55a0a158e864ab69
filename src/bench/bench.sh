# Sourced by the scripts beside it: runs a measurement of src/test/java/io/caravel/bench on the packaged
# program, unpacked and started as ./caravel run does. BENCH_JVM: further options of its JVM.
set -eu
cd "$(dirname "$0")/../.."
classpath=target/test-classpath
if [ ! -s "$classpath" ] || [ pom.xml -nt "$classpath" ]; then
  mvn -q dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$classpath" > /dev/null
fi
program=target/bench-program
# Each time anew: the jar's own time is fixed, so that builds can be compared.
rm -rf "$program"
java -Djarmode=tools -jar target/caravel.jar extract --destination "$program" > /dev/null
export MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=1048576

bench() {
  name=$1
  shift
  exec java -Xmx${BENCH_HEAP:-256m} -Dcaravel.jar="$program/caravel.jar" \
    -Dcaravel.jvm="-Xmx${BENCH_PROGRAM_HEAP:-320m} -Xms64m -XX:+UseSerialGC -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:MaxDirectMemorySize=128m -Djava.awt.headless=true -XX:Tier4InvocationThreshold=40000 -XX:Tier4MinInvocationThreshold=5000 -XX:Tier4CompileThreshold=80000 -XX:Tier4BackEdgeThreshold=400000 -XX:Tier3DelayOn=0${BENCH_JVM:+ $BENCH_JVM}" \
    -cp "target/test-classes:target/classes:$(cat "$classpath")" "io.caravel.bench.$name" "$@"
}
