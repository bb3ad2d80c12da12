// The mapping language: words and quoted strings, one statement a line, every mistake told with its line.
#include "services/cli/import/mapping.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/cli/import/profile_columns.h"
#include "services/contract/text.h"

namespace rapport::cli {
namespace {

struct Token {
  std::string text;
  bool quoted = false;
};

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Words, "=", "->" and quoted strings, in which \" and \\ stand for themselves; # begins a comment.
absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view line) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < line.size();) {
    if (absl::ascii_isspace(static_cast<unsigned char>(line[i]))) {
      ++i;
    } else if (line[i] == '#') {
      break;
    } else if (line[i] == '"') {
      Token token{"", true};
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) ++i;
        token.text += line[i];
      }
      if (i == line.size()) return Wrong("a quote is not closed");
      ++i;
      tokens.push_back(std::move(token));
    } else {
      Token token;
      while (i < line.size() && line[i] != '"' && !absl::ascii_isspace(static_cast<unsigned char>(line[i]))) {
        token.text += line[i++];
      }
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

absl::StatusOr<std::vector<TemplatePart>> ParseTemplate(absl::string_view text) {
  std::vector<TemplatePart> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') return Wrong("\"}\" without \"{\"");
    if (text[i] != '{') {
      parts.back().literal += text[i];
      continue;
    }
    const size_t end = text.find('}', i);
    if (end == absl::string_view::npos) return Wrong("\"{\" without \"}\"");
    absl::string_view name = text.substr(i + 1, end - i - 1);
    if (!name.empty() && name.back() == '?') {
      parts.back().optional = true;
      name.remove_suffix(1);
    }
    if (name.empty()) return Wrong("\"{}\" names no column");
    parts.back().column = std::string(name);
    parts.emplace_back();
    i = end;
  }
  return parts;
}

// Reads the tokens of one statement, first to last.
class Statement {
 public:
  explicit Statement(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  bool AtEnd() const { return next_ == tokens_.size(); }
  bool AtString() const { return !AtEnd() && tokens_[next_].quoted; }

  // Takes the word if it is next.
  bool Take(absl::string_view word) {
    if (AtEnd() || tokens_[next_].quoted || tokens_[next_].text != word) return false;
    ++next_;
    return true;
  }
  absl::StatusOr<std::string> String(absl::string_view what) {
    if (!AtString()) return Wrong(absl::StrCat(what, " in double quotes expected", Found()));
    return tokens_[next_++].text;
  }
  absl::StatusOr<size_t> Field() {
    const std::string name = AtEnd() ? "" : tokens_[next_].text;
    const std::optional<size_t> field =
        AtEnd() || tokens_[next_].quoted ? std::nullopt : FindProfileColumn(name);
    if (!field.has_value()) {
      return Wrong(absl::StrCat("a statement or the name of a profile column expected", Found(),
                                "; statements are FIELD = ..., list, map, refuse and skip"));
    }
    ++next_;
    return *field;
  }
  absl::Status Expect(absl::string_view word) {
    if (Take(word)) return absl::OkStatus();
    return Wrong(absl::StrCat("\"", word, "\" expected", Found()));
  }
  absl::Status End() const {
    return AtEnd() ? absl::OkStatus() : Wrong(absl::StrCat("end of line expected", Found()));
  }

 private:
  std::string Found() const {
    return AtEnd() ? ", found the end of the line" : absl::StrCat(", found ", tokens_[next_].text);
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
};

absl::Status ParseList(Statement& statement, int line, Mapping& mapping) {
  absl::StatusOr<std::string> column = statement.String("a column");
  if (!column.ok()) return column.status();
  if (absl::Status status = statement.Expect("split"); !status.ok()) return status;
  absl::StatusOr<std::string> separator = statement.String("a separator");
  if (!separator.ok()) return separator.status();
  if (separator->empty()) return Wrong("the separator is empty");
  if (!mapping.lists.try_emplace(*column, ListColumn{line, *separator}).second) {
    return Wrong(absl::StrCat("\"", *column, "\" is a list already"));
  }
  return absl::OkStatus();
}

absl::Status ParseTranslation(Statement& statement, Mapping& mapping) {
  absl::StatusOr<size_t> field = statement.Field();
  if (!field.ok()) return field.status();
  Translation& translation = mapping.translations[*field];
  if (statement.Take("otherwise")) {
    absl::StatusOr<std::string> to = statement.String("a value");
    if (!to.ok()) return to.status();
    if (translation.otherwise.has_value()) return Wrong("\"otherwise\" is given twice for this field");
    translation.otherwise = *to;
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> from = statement.String("a value");
  if (!from.ok()) return from.status();
  if (absl::Status status = statement.Expect("->"); !status.ok()) return status;
  absl::StatusOr<std::string> to = statement.String("a value");
  if (!to.ok()) return to.status();
  if (!translation.words.try_emplace(*from, *to).second) {
    return Wrong(absl::StrCat("\"", *from, "\" is mapped twice"));
  }
  return absl::OkStatus();
}

absl::Status ParseCondition(Statement& statement, int line, bool refuse, Mapping& mapping) {
  Condition condition;
  condition.line = line;
  condition.refuse = refuse;
  absl::StatusOr<std::string> column = statement.String("a column");
  if (!column.ok()) return column.status();
  condition.column = *column;
  if (absl::Status status = statement.Expect("is"); !status.ok()) return status;
  condition.is_not = statement.Take("not");
  do {
    absl::StatusOr<std::string> value = statement.String("a value");
    if (!value.ok()) return value.status();
    condition.values.push_back(*value);
  } while (statement.AtString());
  if (absl::Status status = statement.Expect("because"); !status.ok()) return status;
  absl::StatusOr<std::string> reason = statement.String("a reason");
  if (!reason.ok()) return reason.status();
  if (reason->empty()) return Wrong("the reason is empty");
  condition.reason = *reason;
  mapping.conditions.push_back(std::move(condition));
  return absl::OkStatus();
}

absl::Status ParseAssignment(Statement& statement, int line, Mapping& mapping) {
  Assignment assignment;
  assignment.line = line;
  absl::StatusOr<size_t> field = statement.Field();
  if (!field.ok()) return field.status();
  assignment.field = *field;
  if (absl::Status status = statement.Expect("="); !status.ok()) return status;
  assignment.each = statement.Take("each");
  absl::StatusOr<std::string> text = statement.String("a text");
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<TemplatePart>> parts = ParseTemplate(*text);
  if (!parts.ok()) return parts.status();
  assignment.parts = *std::move(parts);
  const ProfileColumn& column = ProfileColumns()[assignment.field];
  if (assignment.each && !column.is_list) {
    return Wrong(absl::StrCat(column.name, " holds one value: \"each\" is for lists"));
  }
  for (const Assignment& other : mapping.assignments) {
    if (other.field == assignment.field) {
      return Wrong(absl::StrCat(column.name, " was already set on line ", other.line));
    }
  }
  mapping.assignments.push_back(std::move(assignment));
  return absl::OkStatus();
}

absl::Status ParseStatement(absl::string_view text, int line, Mapping& mapping) {
  absl::StatusOr<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  if (tokens->empty()) return absl::OkStatus();
  Statement statement(*std::move(tokens));
  absl::Status status;
  if (statement.Take("list")) {
    status = ParseList(statement, line, mapping);
  } else if (statement.Take("map")) {
    status = ParseTranslation(statement, mapping);
  } else if (statement.Take("refuse")) {
    status = ParseCondition(statement, line, /*refuse=*/true, mapping);
  } else if (statement.Take("skip")) {
    status = ParseCondition(statement, line, /*refuse=*/false, mapping);
  } else {
    status = ParseAssignment(statement, line, mapping);
  }
  return status.ok() ? statement.End() : status;
}

}  // namespace

absl::StatusOr<Mapping> Mapping::Parse(absl::string_view text, absl::string_view file_name) {
  Mapping mapping;
  mapping.file_name = std::string(file_name);
  std::vector<std::string> mistakes;
  int line = 0;
  for (absl::string_view statement : absl::StrSplit(text, '\n')) {
    ++line;
    if (!contract::IsUtf8(statement)) {
      mistakes.push_back(absl::StrCat(file_name, ":", line, ": is not UTF-8 text"));
      continue;
    }
    if (absl::Status status = ParseStatement(statement, line, mapping); !status.ok()) {
      mistakes.push_back(absl::StrCat(file_name, ":", line, ": ", status.message()));
    }
  }
  if (mistakes.empty() && mapping.assignments.empty()) {
    mistakes.push_back(absl::StrCat(file_name, ":1: the mapping sets no profile column"));
  }
  if (!mistakes.empty()) return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
  return mapping;
}

}  // namespace rapport::cli
