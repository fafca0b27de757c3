package io.t2v.internal.io;

import com.google.common.base.Throwables;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** Says why the native libraries of a JavaCPP preset did not load, and what helps. */
public final class NativeLoadFailure {
  /** glibc names the symbol version that the system lacks; musl names none. */
  private static final Pattern OLD_OR_OTHER_LIBC =
      Pattern.compile("GLIBC(XX)?_[\\d.]+' not found|ld-linux-\\S+: |symbol not found");

  private static final int MAX_REASON = 600;

  private NativeLoadFailure() {}

  /** What is known of a preset in this process, apart from the exception. */
  record Facts(
      String library,
      String artifact,
      String platform,
      String cache,
      boolean packaged,
      boolean onModulePath,
      boolean nativesObservable) {
    private String nativesModule() {
      return "org.bytedeco." + artifact + "." + platform.replace('-', '.');
    }
  }

  /**
   * Explains a failure.
   *
   * @param library what was to be loaded, for people
   * @param preset a class of the preset's {@code global} package
   * @param failure what the loader, or {@link NativeCache}, threw
   * @return one line: the library, the cause and the cure
   */
  public static String explain(String library, Class<?> preset, Throwable failure) {
    return explain(facts(library, preset), failure);
  }

  static String explain(Facts facts, Throwable failure) {
    return "Could not load "
        + facts.library
        + " for this machine ("
        + facts.platform
        + "): "
        + reason(failure)
        + ". "
        + cure(facts, failure);
  }

  private static String cure(Facts facts, Throwable failure) {
    List<Throwable> chain = Throwables.getCausalChain(failure);
    String text = messages(chain);
    if (has(chain, IllegalCallerException.class)) {
      return "Native access is denied: start Java with --enable-native-access="
          + (facts.onModulePath ? "org.bytedeco.javacpp" : "ALL-UNNAMED")
          + ", or without --illegal-native-access=deny.";
    }
    if (text.contains("failed to map segment") && !text.contains("Cannot allocate memory")) {
      return "The cache "
          + facts.cache
          + " is on a file system that is mounted noexec: set the system property"
          + " org.bytedeco.javacpp.cachedir to a folder on another one.";
    }
    if (has(chain, IOException.class) || text.contains("Could not create the cache")) {
      return "JavaCPP extracts the libraries into the cache "
          + facts.cache
          + ", which has to be writable, with space for them, or hold them already: set the system"
          + " property org.bytedeco.javacpp.cachedir to such a folder.";
    }
    if (OLD_OR_OTHER_LIBC.matcher(text).find()) {
      return "The libraries need glibc, in the version of the distributions that are supported:"
          + " Alpine Linux and others with musl, or an older glibc, cannot load them.";
    }
    return facts.packaged ? otherCause(facts) : missing(facts);
  }

  private static String missing(Facts facts) {
    if (!facts.onModulePath) {
      return dependencies(facts, "class path");
    }
    return facts.nativesObservable
        ? "The natives are on the module path, but no module requires them: start Java with"
            + " --add-modules ALL-MODULE-PATH, or write requires "
            + facts.nativesModule()
            + " into module-info.java."
        : dependencies(facts, "module path")
            + " No module requires them by itself: add --add-modules ALL-MODULE-PATH as well.";
  }

  private static String dependencies(Facts facts, String path) {
    return "Add the natives to the "
        + path
        + ": "
        + Stream.of(facts.artifact, "openblas", "javacpp")
            .filter(name -> facts.artifact.equals("pytorch") || !name.equals("openblas"))
            .map(name -> "org.bytedeco:" + name + ":" + version(name))
            .collect(Collectors.joining(", "))
        + ", each with the classifier "
        + facts.platform
        + " (or the -platform artifacts, for all machines).";
  }

  private static String version(String artifact) {
    try {
      String version = Loader.getVersion("org.bytedeco", artifact);
      return version != null ? version : "VERSION";
    } catch (IOException | RuntimeException e) {
      return "VERSION"; // the jar was repackaged without its Maven properties
    }
  }

  private static String otherCause(Facts facts) {
    return "The natives are on the "
        + (facts.onModulePath ? "module path" : "class path")
        + ": check that those of "
        + facts.artifact
        + " and of what it needs have the classifier "
        + facts.platform
        + " and the versions of their API jars, and delete the cache "
        + facts.cache
        + " if its files may be damaged.";
  }

  private static boolean has(List<Throwable> chain, Class<?> type) {
    return chain.stream().anyMatch(type::isInstance);
  }

  private static String messages(List<Throwable> chain) {
    return chain.stream()
        .map(e -> String.valueOf(e.getMessage()))
        .collect(Collectors.joining("\n"));
  }

  /** The loader says what it looked for, and its first cause which library that one lacks. */
  private static String reason(Throwable failure) {
    String text =
        Stream.of(failure, Throwables.getRootCause(failure))
            .distinct()
            .map(e -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
            .collect(Collectors.joining(": "))
            .strip()
            .replaceAll("\\s*\\R\\s*", " ");
    String line = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) + "..." : line;
  }

  private static Facts facts(String library, Class<?> preset) {
    String artifact = preset.getPackageName().split("\\.", -1)[2];
    String platform = Loader.getPlatform();
    boolean onModulePath = preset.getModule().isNamed();
    return new Facts(
        library,
        artifact,
        platform,
        cache(),
        isPackaged(preset.getClassLoader(), artifact, platform),
        onModulePath,
        onModulePath
            && isObservable("org.bytedeco." + artifact + "." + platform.replace('-', '.')));
  }

  private static boolean isPackaged(ClassLoader loader, String artifact, String platform) {
    try {
      String folder = "org/bytedeco/" + artifact + "/" + platform;
      return !Collections.list(loader.getResources(folder)).isEmpty()
          || !Collections.list(loader.getResources(folder + "-gpu")).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** The boot layer holds root modules and what they require; the module path may hold more. */
  private static boolean isObservable(String module) {
    Path[] path =
        Stream.of(System.getProperty("jdk.module.path", "").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .toArray(Path[]::new);
    return ModuleFinder.of(path).find(module).isPresent();
  }

  private static String cache() {
    try {
      return Loader.getCacheDir().toString();
    } catch (IOException e) {
      return System.getProperty(
          "org.bytedeco.javacpp.cachedir", System.getProperty("user.home") + "/.javacpp/cache");
    }
  }
}
