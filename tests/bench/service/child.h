// A server in a process of its own: this program again, with --serve (see servers.h).
#ifndef RAPPORT_TESTS_BENCH_SERVICE_CHILD_H_
#define RAPPORT_TESTS_BENCH_SERVICE_CHILD_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"

namespace rapport::bench {

class Child {
 public:
  // Starts this program with `arguments`, and waits until it serves; ends the program where it does not.
  explicit Child(const std::vector<std::string>& arguments);
  // Ends it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::shared_ptr<grpc::Channel> Connect() const;
  int port() const { return port_; }

  // Processor time used so far, user and system, in seconds.
  double CpuSeconds() const;

 private:
  pid_t pid_ = 0;
  int stdin_ = -1;
  int port_ = 0;
};

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_CHILD_H_
