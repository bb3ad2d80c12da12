// A mapping applied to rows.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/profile_columns.h"
#include "services/cli/import/row_format.h"

namespace rapport::cli {
namespace {

class Mapped : public RowFormat {
 public:
  Mapped(const Header& header, Mapping mapping) : mapping_(std::move(mapping)) {
    for (size_t i = 0; i < header.size(); ++i) {
      if (!position_.try_emplace(header[i], i).second) twice_.insert(header[i]);
    }
  }

  // Every column that the mapping names must be in the file, and there once: which of two would be meant?
  absl::Status Check() const {
    std::vector<std::string> mistakes;
    auto check = [&](const std::string& column, int line) {
      if (column.empty()) return;
      const std::string place = absl::StrCat(mapping_.file_name, ":", line, ": ");
      if (twice_.contains(column)) {
        mistakes.push_back(absl::StrCat(place, "the file has the column \"", column, "\" twice"));
      } else if (!position_.contains(column)) {
        const auto alike = std::find_if(position_.begin(), position_.end(), [&](const auto& other) {
          return absl::EqualsIgnoreCase(other.first, column);
        });
        mistakes.push_back(
            absl::StrCat(place, "the file has no column \"", column, "\"",
                         alike == position_.end() ? "" : absl::StrCat(": write \"", alike->first, "\"")));
      }
    };
    for (const auto& [column, list] : mapping_.lists) check(column, list.line);
    for (const Condition& condition : mapping_.conditions) check(condition.column, condition.line);
    for (const Assignment& assignment : mapping_.assignments) {
      bool has_list = false;
      for (const TemplatePart& part : assignment.parts) {
        check(part.column, assignment.line);
        has_list = has_list || mapping_.lists.count(part.column) > 0;
      }
      if (assignment.each && !has_list) {
        mistakes.push_back(absl::StrCat(mapping_.file_name, ":", assignment.line,
                                        ": \"each\" needs a column that is declared as a list"));
      }
    }
    return mistakes.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
  }

  RowText Read(const std::vector<std::string>& fields) const override {
    RowText row;
    row.cells.resize(ProfileColumns().size());
    for (const Condition& condition : mapping_.conditions) {
      if (!Holds(condition, fields)) continue;
      if (condition.refuse) {
        row.violations.push_back(Violation(condition.column, condition.reason));
      } else {
        row.skipped_because = condition.reason;
      }
      return row;
    }
    for (const Assignment& assignment : mapping_.assignments) {
      absl::StatusOr<std::string> text =
          assignment.each ? Each(assignment, fields) : Single(assignment, fields);
      if (!text.ok()) {
        row.violations.push_back(Violation(ProfileColumns()[assignment.field].name, text.status().message()));
      } else {
        row.cells[assignment.field] = *std::move(text);
      }
    }
    return row;
  }

 private:
  const std::string& Value(const std::string& column, const std::vector<std::string>& fields) const {
    return fields[position_.at(column)];
  }

  std::vector<std::string> Items(const std::string& column, const std::vector<std::string>& fields) const {
    const std::string& value = Value(column, fields);
    const auto list = mapping_.lists.find(column);
    if (list == mapping_.lists.end()) return {value};
    std::vector<std::string> items;
    for (absl::string_view item : absl::StrSplit(value, list->second.separator)) {
      items.emplace_back(absl::StripAsciiWhitespace(item));
    }
    return items;
  }

  bool Holds(const Condition& condition, const std::vector<std::string>& fields) const {
    const std::vector<std::string> items = Items(condition.column, fields);
    const bool is = std::any_of(items.begin(), items.end(), [&](const std::string& item) {
      return std::find(condition.values.begin(), condition.values.end(), item) != condition.values.end();
    });
    return is != condition.is_not;
  }

  std::string Translated(size_t field, const std::string& text) const {
    const auto translation = mapping_.translations.find(field);
    if (translation == mapping_.translations.end()) return text;
    const auto word = translation->second.words.find(text);
    if (word != translation->second.words.end()) return word->second;
    return translation->second.otherwise.value_or(text);
  }

  absl::StatusOr<std::string> Single(const Assignment& assignment,
                                     const std::vector<std::string>& fields) const {
    std::string text;
    for (const TemplatePart& part : assignment.parts) {
      text += part.literal;
      if (part.column.empty()) continue;
      const std::string& value = Value(part.column, fields);
      if (value.empty() && !part.optional) return Translated(assignment.field, "");
      text += value;
    }
    return Translated(assignment.field, text);
  }

  // The lists go in step: their first items together, then their second ones. Single columns repeat.
  absl::StatusOr<std::string> Each(const Assignment& assignment,
                                   const std::vector<std::string>& fields) const {
    std::map<std::string, std::vector<std::string>> lists;
    std::optional<size_t> count;
    for (const TemplatePart& part : assignment.parts) {
      if (mapping_.lists.count(part.column) == 0) continue;
      const auto& items = lists[part.column] = Items(part.column, fields);
      if (count.has_value() && *count != items.size()) {
        return absl::InvalidArgumentError(absl::StrCat("the lists in it have ", *count, " and ", items.size(),
                                                       " items, and go in step only when they have as many"));
      }
      count = items.size();
    }
    std::vector<std::string> results;
    for (size_t i = 0; i < count.value_or(0); ++i) {
      std::string text;
      bool complete = true;
      for (const TemplatePart& part : assignment.parts) {
        text += part.literal;
        if (part.column.empty()) continue;
        const auto list = lists.find(part.column);
        const std::string& value = list == lists.end() ? Value(part.column, fields) : list->second[i];
        complete = complete && (part.optional || !value.empty());
        text += value;
      }
      text = complete ? Translated(assignment.field, text) : "";
      if (!text.empty() && std::find(results.begin(), results.end(), text) == results.end()) {
        results.push_back(std::move(text));
      }
    }
    return JoinList(results);
  }

  Mapping mapping_;
  std::map<std::string, size_t> position_;
  std::set<std::string> twice_;  // names of more than one column
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowFormat>> MappedFormat(const Header& header, Mapping mapping) {
  auto format = std::make_unique<Mapped>(header, std::move(mapping));
  if (absl::Status status = format->Check(); !status.ok()) return status;
  return format;
}

}  // namespace rapport::cli
