package io.t2v.service;

import org.springframework.http.MediaType;

/** The files of a finished job. */
enum ResultFile {
  /** The video. */
  VIDEO("video.mp4", MediaType.valueOf("video/mp4")),
  /** The frame in its middle. */
  THUMBNAIL("thumbnail.jpg", MediaType.IMAGE_JPEG),
  /** All frames in one picture, row by row. */
  SPRITESHEET("spritesheet.jpg", MediaType.IMAGE_JPEG);

  private final String fileName;
  private final MediaType mediaType;

  ResultFile(String fileName, MediaType mediaType) {
    this.fileName = fileName;
    this.mediaType = mediaType;
  }

  String fileName() {
    return fileName;
  }

  MediaType mediaType() {
    return mediaType;
  }
}
