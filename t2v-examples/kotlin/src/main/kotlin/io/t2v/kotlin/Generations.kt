package io.t2v.kotlin

import io.t2v.Generation
import io.t2v.Video
import java.util.concurrent.Executor
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.future.await

/**
 * Generates the video of a request with one prompt, and suspends until it is there. Cancelling the coroutine stops the
 * run, between two blocks of the network.
 *
 * @param executor one of its threads waits for the video; the work itself is done on a thread of the pipeline
 * @throws IllegalStateException if the request asks for several videos, or the pipeline is closed
 * @throws io.t2v.ContentRefusedException if the content filter refused a frame
 */
suspend fun Generation.awaitVideo(executor: Executor = Dispatchers.IO.asExecutor()): Video =
    toVideoAsync(executor).await()
