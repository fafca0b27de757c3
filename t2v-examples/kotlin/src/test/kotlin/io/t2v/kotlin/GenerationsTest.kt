package io.t2v.kotlin

import io.t2v.Progress
import io.t2v.minimodel.MiniModel
import io.t2v.scheduler.SchedulerConfig
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.reflect.typeOf
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class GenerationsTest {
    @Test
    fun awaitsAVideo() {
        MiniModel.pipeline().build().use { pipeline ->
            val request = MiniModel.request("a red circle growing").steps(1).frames(2).seed(5).build()
            val video = runBlocking { pipeline.prepare(request).awaitVideo() }

            assertThat(video.rgb(1)).isEqualTo(pipeline.generate(request).rgb(1))
            assertThat(typeOf { video.image(0) }).isEqualTo("java.awt.image.BufferedImage")
        }
    }

    @Test
    fun cancellingTheCoroutineStopsTheRun() {
        val begun = CompletableFuture<Unit>()
        val cancelled = CompletableFuture<Unit>()
        val seen = CopyOnWriteArrayList<Progress>()
        val executor = Executors.newSingleThreadExecutor()
        MiniModel.pipeline().build().use { pipeline ->
            val generation = pipeline.prepare(MiniModel.request("a red circle growing").build())
            generation.onProgress { progress ->
                seen.add(progress)
                if (progress.phase() == Progress.Phase.DENOISE) {
                    begun.complete(Unit)
                    cancelled.join()
                }
            }
            runBlocking {
                val video = async { generation.awaitVideo(executor) }
                begun.await()
                video.cancelAndJoin()
                assertThat(video.isCancelled).isTrue()
            }
            cancelled.complete(Unit)
            executor.shutdown()

            // its thread waits for the run, which has ended by itself before the pipeline is closed
            assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue()
            assertThat(seen.last().phase()).isEqualTo(Progress.Phase.DENOISE)
            assertThat(seen.last().fraction()).isLessThan(0.2)
        }
    }

    @Test
    fun knowsWhatMayBeNull() {
        val config = SchedulerConfig("DDIMScheduler", mapOf("trained_betas" to null))

        assertThat(typeOf { config.options().values.first() }).isEqualTo("java.lang.Object?")
        assertThat(typeOf { config.className() }).isEqualTo("java.lang.String")
    }

    /** The type that the compiler gives an expression: with ? if it may be null, with ! if that is unknown. */
    private inline fun <reified T> typeOf(@Suppress("UNUSED_PARAMETER") expression: () -> T): String =
        typeOf<T>().toString().substringBefore(" (Kotlin reflection is not available)")
}
