package io.t2v.gpucheck;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that was found, as one JSON document. */
public final class Report {
  private final Map<String, @Nullable Object> header;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Starts a report.
   *
   * @param header what it is a report of, in the order of the document
   */
  public Report(Map<String, @Nullable Object> header) {
    this.header = new LinkedHashMap<>(header);
  }

  void put(Entry entry) {
    entries.put(entry.name(), entry);
  }

  List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /**
   * Counts checks.
   *
   * @param status that they have
   * @return their number
   */
  public long count(Status status) {
    return entries.values().stream().filter(entry -> entry.status() == status).count();
  }

  /**
   * Returns the document.
   *
   * @return indented JSON
   * @throws IOException never, in practice
   */
  public String toJson() throws IOException {
    Map<String, @Nullable Object> document = new LinkedHashMap<>(header);
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    for (Status status : Status.values()) {
      summary.put(status.toString(), count(status));
    }
    document.put("summary", summary);
    document.put("checks", entries.values().stream().map(Entry::toMap).toList());
    return JSON.std
        .with(JSON.Feature.PRETTY_PRINT_OUTPUT)
        .with(JSON.Feature.WRITE_NULL_PROPERTIES)
        .asString(document);
  }

  /** Replaces a file: whoever reads it finds the old report or the new one, both whole. */
  void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, "." + file.getFileName(), ".part");
    try {
      Files.writeString(temporary, toJson() + System.lineSeparator());
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
