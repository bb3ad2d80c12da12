// Layout of tables and paragraphs.
#include "services/cli/views/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace rapport::cli {
namespace {

bool BeginsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

std::string Cut(const std::string& text, size_t width) {
  if (Width(text) <= width) return text;
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    if (BeginsCharacter(text[end]) && ++characters > width - 1) break;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::Add(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) cells[i] = Cut(cells[i], columns_[i].max_width);
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out, int indent) const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::vector<size_t> widths(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths[i] = Width(titles[i]);
    for (const auto& row : rows_) widths[i] = std::max(widths[i], Width(row[i]));
  }
  auto print = [&](const std::vector<std::string>& cells) {
    std::string line(static_cast<size_t>(indent), ' ');
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - Width(cells[i]), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding;
    }
    out << absl::StripTrailingAsciiWhitespace(line) << "\n";
  };
  if (std::any_of(titles.begin(), titles.end(), [](const std::string& title) { return !title.empty(); })) {
    print(titles);
  }
  for (const auto& row : rows_) print(row);
}

void Wrap(std::ostream& out, absl::string_view text, absl::string_view first, absl::string_view rest,
          size_t width) {
  std::string line(first);
  bool has_word = false;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (has_word && Width(line) + 1 + Width(word) > width) {
      out << line << "\n";
      line = std::string(rest);
      has_word = false;
    }
    if (has_word) line += ' ';
    line += std::string(word);
    has_word = true;
  }
  out << line << "\n";
}

}  // namespace rapport::cli
