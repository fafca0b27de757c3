package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.io.NativeLoadFailure.Facts;
import java.io.FileNotFoundException;
import org.junit.jupiter.api.Test;

/** What loaders throw, as JDK 17 and 25 on Linux wrote it. */
class NativeLoadFailureTest {
  private static final Throwable NOT_FOUND =
      new UnsatisfiedLinkError("no jnitorch in java.library.path: /usr/lib");

  private static Facts facts(boolean packaged, boolean onModulePath, boolean observable) {
    return new Facts(
        "libtorch", "pytorch", "linux-x86_64", "/c", packaged, onModulePath, observable);
  }

  private static String explain(Throwable failure) {
    return NativeLoadFailure.explain(facts(true, false, false), failure);
  }

  @Test
  void namesTheDependenciesOfTheClassPath() {
    assertThat(NativeLoadFailure.explain(facts(false, false, false), NOT_FOUND))
        .startsWith("Could not load libtorch for this machine (linux-x86_64): no jnitorch")
        .containsPattern("Add the natives to the class path: org.bytedeco:pytorch:\\d\\S+, ")
        .contains("each with the classifier linux-x86_64");
  }

  @Test
  void tellsNativesThatAreNoRootModulesFromMissingOnes() {
    assertThat(NativeLoadFailure.explain(facts(false, true, true), NOT_FOUND))
        .contains("--add-modules ALL-MODULE-PATH")
        .contains("requires org.bytedeco.pytorch.linux.x86_64")
        .doesNotContain("Add the natives");
    assertThat(NativeLoadFailure.explain(facts(false, true, false), NOT_FOUND))
        .contains("Add the natives to the module path");
  }

  @Test
  void namesACacheThatCannotBeWritten() {
    Throwable failure = new UnsatisfiedLinkError("Could not load c10");
    failure.initCause(new FileNotFoundException("/c/.lock (Read-only file system)"));
    assertThat(explain(failure)).contains("(Read-only file system)").contains("cache /c, which");
  }

  @Test
  void namesACacheThatIsMountedNoexec() {
    assertThat(
            explain(
                new UnsatisfiedLinkError(
                    "/c/libc10.so: /c/libc10.so: failed to map segment from shared object")))
        .contains("noexec")
        .contains("org.bytedeco.javacpp.cachedir");
    assertThat(
            explain(
                new UnsatisfiedLinkError(
                    "/c/libc10.so: failed to map segment from shared object: Cannot allocate"
                        + " memory")))
        .doesNotContain("noexec");
  }

  @Test
  void namesDeniedNativeAccess() {
    Throwable denied =
        new IllegalCallerException("Illegal native access from: unnamed module @1b2c3d");
    assertThat(explain(denied)).contains("--enable-native-access=ALL-UNNAMED");
    assertThat(NativeLoadFailure.explain(facts(true, true, true), denied))
        .contains("--enable-native-access=org.bytedeco.javacpp");
  }

  @Test
  void namesSystemsWithoutAFittingGlibc() {
    assertThat(
            explain(
                new UnsatisfiedLinkError(
                    "/c/libc10.so: /lib64/libm.so.6: version `GLIBC_2.29' not found (required by"
                        + " /c/libc10.so)")))
        .contains("glibc");
    assertThat(
            explain(
                new UnsatisfiedLinkError(
                    "Error loading shared library ld-linux-x86-64.so.2: No such file or"
                        + " directory")))
        .contains("musl");
  }

  @Test
  void staysOnOneLine() {
    assertThat(explain(new UnsatisfiedLinkError("first\n\tsecond"))).contains("first second. ");
  }
}
