// A file that a command writes: whole, or as it was before. What is written goes into a file of its own
// beside it, FILE.part-XXXXXX, which takes FILE's place when all of it is on the disk; two at once do not
// meet.
//
//   absl::StatusOr<OutputFile> file = OutputFile::Open("therapists.csv");
//   if (!file.ok()) return file.status();
//   file->stream() << "...";
//   return file->Commit();
#ifndef RAPPORT_SERVICES_CLI_OUTPUT_FILE_H_
#define RAPPORT_SERVICES_CLI_OUTPUT_FILE_H_

#include <fstream>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rapport::cli {

// Not thread-safe.
class OutputFile {
 public:
  // What is there and is no regular file (a pipe, anything in /dev) is written directly. INVALID_ARGUMENT: it
  // cannot be written there; nothing has changed then.
  static absl::StatusOr<OutputFile> Open(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  // Without a Commit that succeeded, what was written is removed.
  ~OutputFile();

  std::ostream& stream() { return stream_; }

  // Brings what was written to the disk and to its name, with the permissions that the file had there. Once.
  // DATA_LOSS: not all of it could be written.
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string part);

  std::string path_;
  std::string part_;  // empty: written directly, committed, or moved from
  std::ofstream stream_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_OUTPUT_FILE_H_
