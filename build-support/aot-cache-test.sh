#!/usr/bin/env bash
# Tests ./tokioj and aot-cache.sh with a real JVM and a small program in the place of the command: ./check scripts runs it.
# However the cache is, the program must run and nothing but the program must print.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=build-support/find-jdk.sh
. "$here/find-jdk.sh"
find_jdk 25 || exit 69
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
passed=0 failed=0

check() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'aot-cache: %s: not so: %s\n' "$name" "$*" >&2
    tail -n +1 "$work"/*.out "$work"/*.err >&2
    ls -lR "$app" >&2
  fi
}

# A checkout: the launcher, its scripts, and a jar whose program says that it ran, and trains as TRAIN wants it.
root=$work/root
app=$root/apps/cli/target/app
mkdir -p "$root/build-support" "$app" "$work/home"
cp "$here/../tokioj" "$root"
cp "$here/find-jdk.sh" "$here/aot-cache.sh" "$root/build-support"
cat >"$work/Program.java" <<'JAVA'
import java.io.File;
import java.util.function.BooleanSupplier;

final class Program {
    public static void main(String[] words) {
        if (!words[0].equals("train")) {
            System.out.println("first ran " + words[0]);
            return;
        }
        new File(words[1]).mkdir();
        File caches = new File(words[1]).getAbsoluteFile().getParentFile().getParentFile();
        switch (String.valueOf(System.getenv("TRAIN"))) {
            case "together" -> await(() -> caches.list((_, name) -> name.startsWith("making.")).length > 1);
            case "for-ever" -> await(() -> false);
            case "fail" -> System.exit(1);
            case "fail-late" -> {
                await(() -> caches.listFiles((file, name) -> name.endsWith(".aot") && new File(file, name).length() > 0).length > 0);
                System.exit(1);
            }
            default -> {}
        }
    }

    private static void await(BooleanSupplier condition) {
        for (long end = System.nanoTime() + 30_000_000_000L; !condition.getAsBoolean(); Thread.onSpinWait()) {
            if (System.nanoTime() > end) {
                System.exit(2);
            }
        }
    }
}
JAVA
make_jar() { # SOURCE
  rm -rf "$work/classes"
  "$java_home/bin/javac" -d "$work/classes" "$1"
  "$java_home/bin/jar" --create --file "$app/tokioj.jar" --main-class Program -C "$work/classes" .
}
make_jar "$work/Program.java"
touch "$app/built"

# run NAME [ASSIGNMENT...]: the launcher as a user runs it; what it prints in NAME.out and NAME.err, what was loaded in NAME.load
as=()
run() {
  local name=$1
  shift
  # ${as[@]+...}: bash 3.2 takes an empty array for an unset one
  ${as[@]+"${as[@]}"} env -i PATH=/usr/bin:/bin HOME="$work/home" TOKIOJ_JAVA_HOME="$java_home" TOKIOJ_NO_BUILD=1 \
    TOKIOJ_JAVA_OPTS="-Xlog:class+load:file=$work/logs/$name.load" "$@" "$root/tokioj" hello >"$work/$name.out" 2>"$work/$name.err"
}
mkdir -m 1777 "$work/logs"
said() { [ "$(cat "$work/$1.out")" = "${2:-first} ran hello" ]; }
silent() { [ ! -s "$work/$1.err" ]; }
says_making() { [ "$(cat "$work/$1.err")" = "tokioj: making the cache for fast starts (once for each build, a few seconds) ..." ]; }
cached() { grep -q '[] ]Program source: shared objects file' "$work/logs/$1.load"; }
uncached() { grep -q '[] ]Program source: file:' "$work/logs/$1.load"; }
one_cache() { [ "$(ls "$1")" = "$(basename "$(echo "$1"/*.aot)")" ] && [ -s "$(echo "$1"/*.aot)" ]; }

# Two first runs at once.
run first TRAIN=together &
run second TRAIN=together &
wait
for each in first second; do
  check "two at once: $each" said $each
  check "two at once: $each says what takes time" says_making $each
done
check "two at once: one good cache stays" one_cache "$app/aot"
run next
check "the next run" said next
check "the next run says nothing" silent next
check "the next run uses the cache" cached next
cp -p "$app"/aot/*.aot "$work/good"
cache=$(echo "$app"/aot/*.aot)

# Bad caches, each newer than the build, so that it is taken for good.
size=$(wc -c <"$work/good")
spoil() { # NAME: from the standard input
  cat >"$cache"
  run "$1"
  check "$1" said "$1"
  check "$1: nothing is said" silent "$1"
  check "$1: it is not used" uncached "$1"
}
spoil truncated < <(head -c $((size / 2)) "$work/good")
spoil stump < <(head -c 10 "$work/good")
spoil garbage < <(head -c 100000 /dev/urandom)
spoil header-lost < <(head -c 64 /dev/zero && tail -c +65 "$work/good")
spoil failed-before </dev/null

# Jars that are not those of the cache any more: what runs is what is in them, though a JVM before 25.0.4 would not notice.
cp "$work/good" "$cache"
mkdir "$work/other"
sed 's/first ran/other ran/' "$work/Program.java" >"$work/other/Program.java"
make_jar "$work/other/Program.java"
run other-jar
check "another jar" said other-jar other
check "another jar: a new cache is told" says_making other-jar
check "another jar: and used" cached other-jar
mkdir "$app/lib" && : >"$app/lib/library.jar"
run other-library TRAIN=fail
check "another library, and training fails" said other-library other
check "another library: a new cache is told" says_making other-library
check "another library: the old cache is not used" uncached other-library
make_jar "$work/Program.java"

# Training that fails: not again before the next build, and not over what another run has made meanwhile.
rm -rf "$app/aot" && run fails TRAIN=fail
check "training fails" said fails
run after-failure
check "after training failed" said after-failure
check "after training failed: nothing is said" silent after-failure
check "after training failed: no cache" uncached after-failure
rm -rf "$app/aot"
run fails-late TRAIN=fail-late &
run succeeds TRAIN=together &
wait
check "one of two fails: its run" said fails-late
run after-one-failed
check "one of two fails: the other's cache stays" cached after-one-failed

# Ctrl-C in the middle is the end, and leaves nothing behind.
rm -rf "$app/aot"
set -m
run interrupted TRAIN=for-ever &
begun=$!
set +m
until [ -d "$(echo "$app"/aot/making.*/files)" ] || ! kill -0 $begun 2>/dev/null; do :; done
check "interrupted: while it trains" kill -INT -- -$begun
code=0 && wait $begun || code=$?
check "interrupted: its code" [ $code -eq 130 ]
check "interrupted: the program does not run" [ ! -s "$work/interrupted.out" ]
check "interrupted: nothing is left" [ -z "$(ls "$app/aot")" ]

# Somebody else's checkout, which we may not write to. Root may write everywhere, so it becomes nobody.
rm -rf "$app/aot" && mkdir -p "$root/.tokioj"
chmod -R a-w "$root"
if [ "$(id -u)" -ne 0 ]; then
  as=(env)
elif command -v setpriv >/dev/null 2>&1; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chown 65534 "$work/home"
fi
if [ ${#as[@]} -eq 0 ]; then
  echo "aot-cache: SKIPPED the read-only checkout: root needs setpriv to become somebody else" >&2
else
  run read-only
  check "a read-only checkout" said read-only
  check "a read-only checkout: the cache is made at home" says_making read-only
  run read-only-next
  check "a read-only checkout: the cache is used" cached read-only-next
  check "a read-only checkout: nothing is said" silent read-only-next
  run read-only-home HOME=/proc/nobody
  check "nowhere to write" said read-only-home
  check "nowhere to write: nothing is said" silent read-only-home
  check "nowhere to write: no cache" uncached read-only-home
fi

echo "aot-cache: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
