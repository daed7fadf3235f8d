// FFmpeg's libraries, and the macros that Swift cannot import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/cpu.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/timecode.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

static inline int sk_averror_eof(void) { return AVERROR_EOF; }
static inline int sk_averror_again(void) { return AVERROR(EAGAIN); }
static inline int sk_averror(int code) { return AVERROR(code); }
static inline int64_t sk_no_pts(void) { return AV_NOPTS_VALUE; }
static inline int sk_channel_count(const AVCodecParameters *p) { return p->ch_layout.nb_channels; }
