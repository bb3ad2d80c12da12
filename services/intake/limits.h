// Every limit of intake, with its reason. Limits of messages are the contract's, limits of calls the
// runtime's.
#ifndef RAPPORT_SERVICES_INTAKE_LIMITS_H_
#define RAPPORT_SERVICES_INTAKE_LIMITS_H_

#include <cstddef>

#include "absl/time/time.h"
#include "services/runtime/limits.h"

namespace rapport::intake {

// What a call keeps of its deadline for our own commit and answer after the matcher was asked.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(250);
// A ranking takes milliseconds; a matcher that needs longer than this is as good as away, and the referral
// waits.
inline constexpr absl::Duration kRankingCap = absl::Seconds(3);
inline constexpr absl::Duration kReserveCap = absl::Seconds(3);
inline constexpr absl::Duration kExplainCap = absl::Seconds(1);
// A notice is tried once before the answer; it is safe in the outbox, so nobody waits long for it.
inline constexpr absl::Duration kNoticeCap = absl::Seconds(1);
// What the first try of a notice leaves of the caller's deadline: the ranking that may follow matters more.
inline constexpr absl::Duration kNoticeMargin = absl::Seconds(1);

// The background ranker leaves a fresh referral to the call that submitted it for this long: more than the
// two caps above together. Beyond it, that call died.
inline constexpr absl::Duration kForegroundRanking = absl::Seconds(5);
// A referral that the matcher could not rank for a reason of its own goes to the back of the queue for this
// long.
inline constexpr absl::Duration kRankAgainAfter = absl::Seconds(2);
// No referral waits longer than this for its ranking to be tried.
inline constexpr absl::Duration kLongestRankingWait = absl::Minutes(1);
// A replica follows the log within moments. A position that is not there after this long is not on its way:
// the log is shorter since a backup was restored, or the caller was mistaken. Then the search is made from
// what there is, rather than never.
inline constexpr absl::Duration kBehindPatience = absl::Seconds(10);
// How long a therapist or a reservation that the matcher does not know may still become known: one that was
// started on the wrong file, or before a backup was put back, knows nobody. A notice given up is a seat lost.
inline constexpr absl::Duration kUnknownPatience = absl::Hours(24 * 7);
// After an answer that did not come in kHungAfter the matcher is asked by one call at a time, and not again
// before kProbeInterval: all others are told at once that it is away, and the service's workers stay free.
// But ExplainMatch, without which nobody is given up or accepted, is asked all the same, for kExplainCap, by
// so many calls at once: half the workers that there are unless more are asked for.
inline constexpr int kMostInsisting = 2;
inline constexpr absl::Duration kHungAfter = absl::Milliseconds(900);
inline constexpr absl::Duration kProbeInterval = absl::Seconds(1);
// Referrals ranked, and notices sent, in one step.
inline constexpr int kRankBatch = 64;
inline constexpr int kNoticeBatch = 64;
// The loops look this often: what waits is ranked about a second after the matcher is back.
inline constexpr absl::Duration kLoopInterval = absl::Seconds(1);

// Tries of one referral: as many as the matcher takes on its list of those tried.
inline constexpr int kMaxAttempts = 256;

// Streams of WatchReferral in one process: each holds a queue of messages.
inline constexpr size_t kMaxWatchers = 1000;
// All of them may be on one connection, and leave it room for calls.
inline constexpr int kOpenCalls = static_cast<int>(kMaxWatchers) + runtime::kDefaultOpenCalls;

// Longest etag looked at; ours have 32 characters.
inline constexpr size_t kMaxEtagLength = 128;
// A page ends early here, so that it fits in one message whatever the shortlists in it hold.
inline constexpr size_t kMaxPageBytes = 3 << 20;

// Answers are remembered twice as long as the contract promises; settled notices a month, for those who ask
// what became of one.
inline constexpr absl::Duration kLedgerKept = absl::Hours(48);
inline constexpr absl::Duration kNoticesKept = absl::Hours(24 * 30);
inline constexpr absl::Duration kHousekeepingInterval = absl::Minutes(10);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_LIMITS_H_
