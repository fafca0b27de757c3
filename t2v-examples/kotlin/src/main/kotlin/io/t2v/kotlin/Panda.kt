package io.t2v.kotlin

import io.t2v.GenerationRequest
import io.t2v.TextToVideoPipeline
import io.t2v.Video
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.withTimeoutOrNull

/** The README's example: a video, or null if it takes longer than ten minutes. */
suspend fun panda(pipeline: TextToVideoPipeline): Video? = withTimeoutOrNull(10.minutes) {
    val request = GenerationRequest.builder("A panda eating bamboo on a rock.").steps(25).seed(42).build()
    pipeline.prepare(request).onProgress { println("${it.done()} of ${it.total()}") }.awaitVideo()
}
