package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens a folder adds to the vocabulary, and which of them mean start, end, padding and
 * unknown. The order in which files override each other is that of transformers 5.
 *
 * @param added tokens to add, in this order
 */
record SpecialTokens(
    ImmutableList<AddedToken> added, String start, String end, String pad, String unknown) {

  private static final ImmutableList<String> ROLES =
      ImmutableList.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final ImmutableSet<String> REQUIRED =
      ImmutableSet.of("bos_token", "eos_token", "pad_token");

  private static final String END = "<|endoftext|>";

  static SpecialTokens read(Path folder, JsonFile config) throws IOException {
    JsonFile map = JsonFile.readIfPresent(folder.resolve("special_tokens_map.json"));
    boolean listed = config.has("added_tokens_decoder");
    Reader reader = new Reader();
    reader.role("bos_token", AddedToken.special("<|startoftext|>"));
    reader.role("eos_token", AddedToken.special(END));
    reader.role("unk_token", AddedToken.special(END));
    reader.role("pad_token", AddedToken.special(END));
    reader.roles(config, true);
    reader.extras(config);
    if (listed) {
      JsonFile tokens = config.object("added_tokens_decoder");
      for (String id : tokens.values().keySet()) {
        reader.list(parseId(tokens, id), token(tokens, id, true));
      }
    } else {
      reader.roles(map, false);
      reader.extras(map);
      reader.listAddedTokens(JsonFile.readIfPresent(folder.resolve("added_tokens.json")));
      reader.listUnified(JsonFile.readIfPresent(folder.resolve("tokenizer.json")));
    }
    return reader.result();
  }

  private static int parseId(JsonFile file, Object id) {
    try {
      return Integer.parseInt(String.valueOf(id));
    } catch (NumberFormatException e) {
      throw file.malformed(
          "expected the ids of added tokens to be numbers",
          "'" + id + "'",
          "Copy the file again from the checkpoint.");
    }
  }

  private static AddedToken token(JsonFile file, String key, boolean normalizedByDefault) {
    return token(file, key, file.get(key), normalizedByDefault);
  }

  private static AddedToken token(
      JsonFile file, String key, @Nullable Object value, boolean normalizedByDefault) {
    if (value instanceof String content) {
      return AddedToken.special(content);
    }
    if (value instanceof Map<?, ?> fields && fields.get("content") instanceof String content) {
      boolean special = Boolean.TRUE.equals(fields.get("special"));
      @Nullable Object normalized = fields.get("normalized");
      return new AddedToken(
          content,
          normalized == null ? normalizedByDefault && !special : normalized.equals(true),
          Boolean.TRUE.equals(fields.get("single_word")),
          Boolean.TRUE.equals(fields.get("lstrip")),
          Boolean.TRUE.equals(fields.get("rstrip")));
    }
    throw file.malformed(
        "expected '%s' to be a token, as text or as an object with 'content'".formatted(key),
        String.valueOf(value),
        "Write the token's text there, or copy the file again from the checkpoint.");
  }

  /** Gathers tokens file by file; what comes later overrides. */
  private static final class Reader {
    private final Map<String, AddedToken> roles = new LinkedHashMap<>();
    private final ImmutableSet.Builder<String> namedAsText = ImmutableSet.builder();
    private final Map<Integer, AddedToken> listed = new TreeMap<>();
    private List<AddedToken> extras = ImmutableList.of();

    Reader() {
      ROLES.forEach(role -> roles.put(role, AddedToken.special("")));
    }

    void role(String role, AddedToken token) {
      roles.put(role, token);
    }

    void roles(JsonFile file, boolean normalizedByDefault) {
      for (String key : file.values().keySet()) {
        @Nullable Object value = file.get(key);
        boolean named = ROLES.contains(key);
        if (!named && !(key.endsWith("_token") && value instanceof String)) {
          continue;
        }
        if (value == null && !REQUIRED.contains(key)) {
          continue;
        }
        AddedToken token = token(file, key, normalizedByDefault);
        if (token.content().isEmpty() && REQUIRED.contains(key)) {
          throw file.malformed(
              "expected '%s' to be a token".formatted(key), "''", "CLIP's own is " + END + ".");
        }
        roles.put(key, token);
        if (value instanceof String || !normalizedByDefault) {
          namedAsText.add(token.content());
        }
      }
    }

    void extras(JsonFile file) {
      for (String key : List.of("extra_special_tokens", "additional_special_tokens")) {
        Collection<?> tokens = tokens(file.get(key));
        if (!tokens.isEmpty()) {
          List<AddedToken> found = new ArrayList<>(extras);
          tokens.forEach(value -> found.add(token(file, key, value, false)));
          found.forEach(token -> namedAsText.add(token.content()));
          extras = ImmutableList.copyOf(found);
          return;
        }
      }
    }

    private static Collection<?> tokens(@Nullable Object value) {
      if (value instanceof Map<?, ?> map) {
        return map.values();
      }
      return value instanceof List<?> list ? list : ImmutableList.of();
    }

    void list(int id, AddedToken token) {
      listed.put(id, token);
    }

    void listAddedTokens(JsonFile file) {
      ImmutableSet<String> special = namedAsText.build();
      for (String content : file.values().keySet()) {
        boolean normalized = !special.contains(content);
        list(
            parseId(file, Objects.requireNonNullElse(file.get(content), "null")),
            new AddedToken(content, normalized, false, false, false));
      }
    }

    void listUnified(JsonFile file) {
      if (!file.has("added_tokens")) {
        return;
      }
      for (Object entry : file.list("added_tokens")) {
        AddedToken token = token(file, "added_tokens", entry, true);
        @Nullable Object id = entry instanceof Map<?, ?> fields ? fields.get("id") : null;
        list(parseId(file, Objects.requireNonNullElse(id, "null")), token);
      }
    }

    SpecialTokens result() {
      Set<String> contents = new HashSet<>();
      listed.values().forEach(token -> contents.add(token.content()));
      // A token that a later role names again in the same way keeps its place, which decides whose
      // properties win.
      Set<AddedToken> named = new LinkedHashSet<>(roles.values());
      named.addAll(extras);
      named.removeIf(token -> contents.contains(token.content()));
      return new SpecialTokens(
          ImmutableList.<AddedToken>builder().addAll(listed.values()).addAll(named).build(),
          content("bos_token"),
          content("eos_token"),
          content("pad_token"),
          content("unk_token"));
    }

    private String content(String role) {
      return Objects.requireNonNull(roles.get(role)).content();
    }
  }
}
