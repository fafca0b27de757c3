package io.t2v.service;

import io.t2v.Video;
import io.t2v.ffmpeg.ContactSheet;
import io.t2v.ffmpeg.VideoWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder for each job: {@code job.json}, and once it is finished its video and pictures.
 *
 * <p>Every file appears by a rename, and {@code job.json} says that a job is finished after all the
 * others are there. So a process that is killed leaves finished jobs whole, and of others nothing
 * that could be taken for a result. A job's folder is renamed before it is deleted, for the same
 * reason.
 */
@Component
final class FolderStore implements ResultStore, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(FolderStore.class.getName());
  private static final String RECORD = "job.json";
  private static final String TEMPORARY = "job.json.tmp";
  private static final String DELETED = ".deleted-";
  private static final Pattern ID = Pattern.compile("video_[0-9a-f]{32}");
  private static final Set<String> RESULTS =
      Stream.of(ResultFile.values()).map(ResultFile::fileName).collect(Collectors.toSet());

  private final Path root;
  private final JsonMapper json;
  private final FileChannel lockFile;

  FolderStore(ServiceProperties properties, JsonMapper json) throws IOException {
    this.root = properties.folder().toAbsolutePath();
    this.json = json;
    Files.createDirectories(root);
    lockFile =
        FileChannel.open(
            root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(lockFile) == null) {
      lockFile.close();
      throw new IllegalStateException(
          "t2v.service.folder " + root + " is in use by another service: give each its own");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public List<JobRecord> load() throws IOException {
    List<JobRecord> jobs = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path folder : folders) {
        String name = String.valueOf(folder.getFileName());
        if (name.startsWith(DELETED)) {
          FileSystemUtils.deleteRecursively(folder);
        } else if (ID.matcher(name).matches()) {
          JobRecord job = read(folder);
          if (job != null) {
            jobs.add(job);
          }
        }
      }
    }
    jobs.sort(Comparator.comparingLong(JobRecord::createdAt).thenComparing(JobRecord::id));
    return jobs;
  }

  /** Takes away what a killed process left half-written beside the record. */
  private @Nullable JobRecord read(Path folder) throws IOException {
    JobRecord job;
    try {
      job = json.readValue(folder.resolve(RECORD).toFile(), JobRecord.class);
    } catch (JacksonException e) {
      LOGGER.log(System.Logger.Level.WARNING, "Ignored " + folder + ": " + e.getOriginalMessage());
      return null;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        boolean result = job.status() == JobRecord.Status.COMPLETED && RESULTS.contains(name);
        if (!name.equals(RECORD) && !result) {
          Files.delete(file);
        }
      }
    }
    return job;
  }

  @Override
  public void save(JobRecord job) throws IOException {
    Path folder = Files.createDirectories(root.resolve(job.id()));
    Path temporary = folder.resolve(TEMPORARY);
    try (FileChannel file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      file.write(ByteBuffer.wrap(json.writeValueAsBytes(job)));
      file.force(true);
    }
    Files.move(temporary, folder.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void write(String id, Video video) throws IOException {
    Path folder = root.resolve(id);
    VideoWriter.mp4().write(video, folder.resolve(ResultFile.VIDEO.fileName()));
    writeJpeg(video.image(video.frameCount() / 2), folder.resolve(ResultFile.THUMBNAIL.fileName()));
    writeJpeg(ContactSheet.draw(video), folder.resolve(ResultFile.SPRITESHEET.fileName()));
  }

  private static void writeJpeg(BufferedImage image, Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    if (!ImageIO.write(image, "jpeg", temporary.toFile())) {
      throw new IOException("this Java runtime cannot write JPEG");
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public Resource open(String id, ResultFile file) {
    return new FileSystemResource(root.resolve(id).resolve(file.fileName()));
  }

  @Override
  public void delete(String id) throws IOException {
    Path folder = root.resolve(id);
    if (Files.exists(folder)) {
      Path deleted = root.resolve(DELETED + id);
      Files.move(folder, deleted, StandardCopyOption.ATOMIC_MOVE);
      FileSystemUtils.deleteRecursively(deleted);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
