// A row of SQLite.
#include <sqlite3.h>

#include "services/storage/database.h"

namespace rapport::storage {
namespace {

// The pointer first, the length second: SQLite asks for this order, and gives null for an empty value.
std::string Copy(const void* data, int size) {
  return data == nullptr ? std::string()
                         : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

}  // namespace

int64_t Row::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Row::Real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Row::Text(int column) const {
  const void* data = sqlite3_column_text(statement_, column);
  return Copy(data, sqlite3_column_bytes(statement_, column));
}

std::string Row::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return Copy(data, sqlite3_column_bytes(statement_, column));
}

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace rapport::storage
