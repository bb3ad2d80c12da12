// A file of which some can be read and the rest cannot, as from a disk that gives up. It fails as the
// standard library's files do.
#ifndef RAPPORT_TESTS_SERVICES_CLI_FAILING_FILE_H_
#define RAPPORT_TESTS_SERVICES_CLI_FAILING_FILE_H_

#include <ios>
#include <streambuf>
#include <string>
#include <system_error>
#include <utility>

namespace rapport::cli {

class FailingFile : public std::streambuf {
 public:
  explicit FailingFile(std::string readable) : readable_(std::move(readable)) {
    setg(readable_.data(), readable_.data(), readable_.data() + readable_.size());
  }

 protected:
  int_type underflow() override {
    throw std::ios_base::failure("read", std::make_error_code(std::errc::io_error));
  }

 private:
  std::string readable_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_TESTS_SERVICES_CLI_FAILING_FILE_H_
