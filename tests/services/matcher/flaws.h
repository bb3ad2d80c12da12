// Tables of what can be wrong with a message: each flaw is written as text over a message that is in order,
// and names the field that a caller must be shown.
#ifndef RAPPORT_TESTS_SERVICES_MATCHER_FLAWS_H_
#define RAPPORT_TESTS_SERVICES_MATCHER_FLAWS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "tests/support/valid_messages.h"

namespace rapport::matcher_service {

struct Flaw {
  std::string path;  // of the violation
  std::string text;  // merged over the message; or "-a.b -c": these fields are cleared
};

// Clears a field: "needs.location".
inline void Clear(const std::string& path, google::protobuf::Message& message) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const auto* field = message.GetDescriptor()->FindFieldByName(parts.first);
  ASSERT_NE(field, nullptr) << path;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (parts.second.empty()) {
    reflection.ClearField(&message, field);
  } else {
    Clear(parts.second, *reflection.MutableMessage(&message, field));
  }
}

template <typename Message>
Message WithFlaw(Message message, const std::string& text) {
  if (text.empty() || text[0] != '-') return testing::With(std::move(message), text);
  for (const absl::string_view field : absl::StrSplit(text, ' ')) {
    Clear(std::string(absl::StripPrefix(field, "-")), message);
  }
  return message;
}

// `text` so often.
inline std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) absl::StrAppend(&all, text, " ");
  return all;
}

// A string field with so many characters.
inline std::string Long(const std::string& field, int length) {
  return absl::StrCat(field, ": \"", std::string(static_cast<std::size_t>(length), 'x'), "\"");
}

// What can be wrong with a required id.
inline std::vector<Flaw> IdFlaws(const std::string& field) {
  return {{field, absl::StrCat(field, ": \"\"")},
          {field, absl::StrCat(field, ": \"two words\"")},
          {field, absl::StrCat(field, ": \"caf\\303\\251\"")},
          {field, Long(field, 129)}};
}

// `flaws` of a message that is the field `field` of another.
inline std::vector<Flaw> Within(const std::string& field, const std::vector<Flaw>& flaws) {
  std::vector<Flaw> within;
  for (const Flaw& flaw : flaws) {
    const bool clears = !flaw.text.empty() && flaw.text[0] == '-';
    within.push_back(
        {absl::StrCat(field, ".", flaw.path), clears ? absl::StrCat("-", field, ".", flaw.text.substr(1))
                                                     : absl::StrCat(field, " { ", flaw.text, " }")});
  }
  return within;
}

inline std::vector<Flaw> Together(const std::vector<std::vector<Flaw>>& lists) {
  std::vector<Flaw> all;
  for (const std::vector<Flaw>& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace rapport::matcher_service

#endif  // RAPPORT_TESTS_SERVICES_MATCHER_FLAWS_H_
