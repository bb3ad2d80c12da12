// The table of columns.
#include "services/cli/import/profile_columns.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_field.h"
#include "services/cli/import/cell_values.h"

namespace rapport::cli {
namespace {

using therapist::v1::Therapist;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

void SetTexts(absl::string_view text, Texts& texts) {
  for (std::string& item : SplitList(text)) *texts.Add() = std::move(item);
}

std::string GetTexts(const Texts& texts) {
  return JoinList(std::vector<std::string>(texts.begin(), texts.end()));
}

// Lists of messages: one parser and one writer an item.
template <typename Item>
absl::Status SetItems(absl::string_view text, absl::StatusOr<Item> (*parse)(absl::string_view),
                      google::protobuf::RepeatedPtrField<Item>& items) {
  for (const std::string& part : SplitList(text)) {
    absl::StatusOr<Item> item = parse(part);
    if (!item.ok()) return item.status();
    *items.Add() = *std::move(item);
  }
  return absl::OkStatus();
}

template <typename Item>
std::string GetItems(const google::protobuf::RepeatedPtrField<Item>& items,
                     std::string (*format)(const Item&)) {
  std::vector<std::string> texts;
  for (const Item& item : items) texts.push_back(format(item));
  return JoinList(texts);
}

template <typename Value, typename Set>
absl::Status SetParsed(absl::StatusOr<Value> value, Set set) {
  if (!value.ok()) return value.status();
  set(*value);
  return absl::OkStatus();
}

// A column of one text, and one of a list of texts.
#define TEXT_COLUMN(name)                                                                     \
  {                                                                                           \
#name, false, #name,                                                                        \
        [](absl::string_view text, Therapist& t) {                                              \
          t.set_##name(std::string(text));                                                      \
          return absl::OkStatus();                                                              \
        },                                                                                      \
        [](const Therapist& t) { return t.name(); } \
  }
#define TEXTS_COLUMN(name)                                                                    \
  {                                                                                           \
#name, true, #name,                                                                         \
        [](absl::string_view text, Therapist& t) {                                              \
          SetTexts(text, *t.mutable_##name());                                                  \
          return absl::OkStatus();                                                              \
        },                                                                                      \
        [](const Therapist& t) { return GetTexts(t.name()); } \
  }
#define ITEMS_COLUMN(name, Parse, Format)                                                     \
  {                                                                                           \
#name, true, #name,                                                                         \
        [](absl::string_view text, Therapist& t) { return SetItems(text, &Parse, *t.mutable_##name()); }, \
        [](const Therapist& t) { return GetItems(t.name(), &Format); } \
  }

constexpr ProfileColumn kColumns[] = {
    TEXT_COLUMN(therapist_id),
    TEXT_COLUMN(display_name),
    TEXT_COLUMN(title),
    {"invented", false, "invented",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseYesNo(text), [&](bool invented) { t.set_invented(invented); });
     },
     [](const Therapist& t) { return std::string(t.invented() ? "yes" : ""); }},
    ITEMS_COLUMN(credentials, ParseCredential, FormatCredential),
    TEXTS_COLUMN(payers),
    TEXTS_COLUMN(languages),
    TEXTS_COLUMN(age_groups),
    TEXTS_COLUMN(formats),
    TEXTS_COLUMN(modalities),
    {"place_region", false, "place",
     [](absl::string_view text, Therapist& t) {
       t.mutable_place()->set_region(std::string(text));
       return absl::OkStatus();
     },
     [](const Therapist& t) { return t.place().region(); }},
    {"place_city", false, "place",
     [](absl::string_view text, Therapist& t) {
       t.mutable_place()->set_city(std::string(text));
       return absl::OkStatus();
     },
     [](const Therapist& t) { return t.place().city(); }},
    {"latitude", false, "place",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseNumber(text), [&](double degrees) { t.mutable_place()->set_latitude(degrees); });
     },
     [](const Therapist& t) { return t.place().has_latitude() ? FormatNumber(t.place().latitude()) : ""; }},
    {"longitude", false, "place",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseNumber(text),
                        [&](double degrees) { t.mutable_place()->set_longitude(degrees); });
     },
     [](const Therapist& t) { return t.place().has_longitude() ? FormatNumber(t.place().longitude()) : ""; }},
    ITEMS_COLUMN(hours, ParseHours, FormatHours),
    TEXT_COLUMN(time_zone),
    {"fee", false, "fee",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseMoney(text), [&](const therapist::v1::Money& fee) { *t.mutable_fee() = fee; });
     },
     [](const Therapist& t) { return t.has_fee() ? FormatMoney(t.fee()) : ""; }},
    {"seats", false, "seats",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseWhole(text), [&](int32_t seats) { t.set_seats(seats); });
     },
     [](const Therapist& t) { return absl::StrCat(t.seats()); }},
    {"wait_weeks", false, "wait_weeks",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseNumber(text), [&](double weeks) { t.set_wait_weeks(weeks); });
     },
     [](const Therapist& t) { return FormatNumber(t.wait_weeks()); }},
    {"last_confirmed", false, "last_confirmed",
     [](absl::string_view text, Therapist& t) {
       return SetParsed(ParseTime(text),
                        [&](const google::protobuf::Timestamp& time) { *t.mutable_last_confirmed() = time; });
     },
     [](const Therapist& t) { return t.has_last_confirmed() ? FormatTime(t.last_confirmed()) : ""; }},
    TEXTS_COLUMN(concerns),
    TEXTS_COLUMN(declined_concerns),
    TEXTS_COLUMN(approaches),
    TEXTS_COLUMN(tags),
    ITEMS_COLUMN(style, ParseStyle, FormatStyle),
    ITEMS_COLUMN(attributes, ParseAttribute, FormatAttribute),
};

#undef TEXT_COLUMN
#undef TEXTS_COLUMN
#undef ITEMS_COLUMN

}  // namespace

absl::Span<const ProfileColumn> ProfileColumns() {
  return kColumns;
}

std::optional<size_t> FindProfileColumn(absl::string_view name) {
  for (size_t i = 0; i < ProfileColumns().size(); ++i) {
    if (name == kColumns[i].name) return i;
  }
  return std::nullopt;
}

}  // namespace rapport::cli
