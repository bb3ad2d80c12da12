// The limits that the contract promises, each with its reason: the numbers of the comments in proto/, in one
// place. Limits of calls, queues and pages are the runtime's own.
#ifndef RAPPORT_SERVICES_CONTRACT_LIMITS_H_
#define RAPPORT_SERVICES_CONTRACT_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace rapport::contract {

// Ids chosen by callers: a UUID with a prefix fits three times; they are keys of every table and log event.
inline constexpr int kMaxIdLength = 128;
// Ids of catalog words: long enough to be spoken, short enough for a column.
inline constexpr int kMaxWordLength = 64;

// Texts shown to people, in characters (code points). They are kept in every replica's memory.
inline constexpr int kMaxDisplayNameLength = 200;
inline constexpr int kMaxTitleLength = 120;
inline constexpr int kMaxCityLength = 120;
inline constexpr int kMaxLabelLength = 120;
inline constexpr int kMaxCredentialCodeLength = 64;
// The longest name in the tz database has 32 characters.
inline constexpr int kMaxTimeZoneLength = 64;

// Lists of a catalog. Style dimensions and facets become columns of the model, whose cost grows with their
// number's square; payers are many in a real network; the rest are what a person can still oversee.
inline constexpr int kMaxStyleDimensions = 16;
inline constexpr int kMaxFacets = 16;
inline constexpr int kMaxFrictions = 64;
inline constexpr int kMaxConcerns = 256;
inline constexpr int kMaxApproaches = 256;
inline constexpr int kMaxFormats = 16;
inline constexpr int kMaxAgeGroups = 16;
inline constexpr int kMaxModalities = 16;
inline constexpr int kMaxTags = 512;
inline constexpr int kMaxPayers = 1024;
inline constexpr int kMaxInstruments = 64;
inline constexpr int kMaxFitQuestions = 16;
inline constexpr int kMaxFeatures = 32;
inline constexpr int kMaxAttributes = 64;
inline constexpr int kMaxTagSets = 16;
inline constexpr int kMaxAttributeSets = 16;
// A catalog file: ten times the largest that these lists allow with short labels.
inline constexpr std::int64_t kMaxCatalogFileBytes = 4 << 20;
// Shares of a session answer's variance add up to less than this: something must be left for the session
// itself.
inline constexpr double kMaxVarianceShares = .9;

// Lists of a profile. Lists without a limit of their own have that of their catalog list.
inline constexpr int kMaxCredentials = 64;  // all states and territories of the United States
inline constexpr int kMaxTherapistPayers = 256;
inline constexpr int kMaxTherapistLanguages = 32;
// Every hour of the week as a range of its own.
inline constexpr int kMaxHourRanges = 168;

// Numbers of a profile.
inline constexpr int kMaxSeats = 1000;        // a whole clinic that is listed as one
inline constexpr double kMaxWaitWeeks = 104;  // two years: beyond it nobody is waiting
inline constexpr std::int64_t kMaxFeeMinorUnits = 100'000'000;

// Lists of needs: what one person can mean, so that a request stays cheap to rank.
inline constexpr int kMaxNeedsPayers = 16;
inline constexpr int kMaxNeedsLanguages = 16;
inline constexpr int kMaxNeedsConcerns = 8;
inline constexpr int kMaxNeedsTags = 16;  // required ones, and excluded ones
inline constexpr int kMaxExcludedTherapists = 256;
inline constexpr int kMaxScreenings = 16;
inline constexpr int kMaxWishes = 32;
inline constexpr int kMaxOwnTags = 64;
// Of an attribute: anything a person would write down.
inline constexpr double kMaxAttributeValue = 1e9;
// Half the way round the earth.
inline constexpr double kMaxDistanceKm = 20'000;

// Answers after a session.
inline constexpr int kMaxAnswers = 64;
inline constexpr int kMaxFrictionsNamed = 32;
inline constexpr int kMaxSessionNumber = 10'000;  // twice a week for a hundred years
inline constexpr double kMaxFitAnswer = 10;       // fit questions and facets are answered 0 to this

// Ranking.
inline constexpr int kDefaultShortlistSize = 5;  // more than people compare
inline constexpr int kMaxShortlistSize = 100;
inline constexpr int kMaxTriedTherapists = 256;
inline constexpr int kMaxPredictions = 1000;

// Pages of lists.
inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 500;

// Different regions, languages and currencies that the profiles of one network name, ever: ISO 3166-2 has
// some 5,000 regions and a language is found under four keys at most. Each has its place in every block of
// the index.
inline constexpr int kMaxDirectoryTexts = 20'000;

// Rows of one upsert stream: its verdicts must fit in one answer.
inline constexpr int kMaxUpsertRows = 10'000;

// How far a caller's clock may be ahead of ours before "not in the future" is broken.
inline constexpr absl::Duration kMaxClockSkew = absl::Minutes(5);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_LIMITS_H_
