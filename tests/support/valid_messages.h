// Messages in words of the built-in catalog that pass every check: one therapist and the needs that they
// meet, and random ones of both. Tests change a field and see what becomes of it.
#ifndef RAPPORT_TESTS_SUPPORT_VALID_MESSAGES_H_
#define RAPPORT_TESTS_SUPPORT_VALID_MESSAGES_H_

#include <random>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::testing {

// The time about which all dates lie: 2026-11-22 12:00 UTC, a Sunday.
absl::Time MessagesNow();

// Three seats, confirmed a day before MessagesNow.
therapist::v1::Therapist ValidTherapist(const std::string& therapist_id);

// Met by ValidTherapist; no acute risk.
matcher::v1::Needs ValidNeeds();

// ValidTherapist and ValidNeeds with every field varied that a rule or the score looks at: about every other
// pair still matches in any one of them.
therapist::v1::Therapist RandomTherapist(const std::string& therapist_id, std::mt19937_64& random);
matcher::v1::Needs RandomNeeds(std::mt19937_64& random);

// The message written as text; a mistake in the text fails the test.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// `message` with the fields of `text` merged over it: lists grow, all else is replaced.
template <typename Message>
Message With(Message message, const std::string& text) {
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &message)) << text;
  return message;
}

}  // namespace rapport::testing

#endif  // RAPPORT_TESTS_SUPPORT_VALID_MESSAGES_H_
