// Numbers as they are shown everywhere: probabilities as ".61", whole numbers with separators.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_NUMBERS_H_
#define RAPPORT_SERVICES_CLI_VIEWS_NUMBERS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"

namespace rapport::cli {

std::string Counted(int64_t number, absl::string_view thing);  // "1 offer", "2 offers"
std::string Grouped(int64_t number);                           // "12,400"
std::string Probability(double p);                             // ".61", "1.00"
std::string Interval(double low, double high);                 // "(.42–.77)"
std::string Signed(double value);                              // "+0.31", "−0.08"
std::string Weeks(double weeks);                               // "now", "3 wk"
std::string Kilometres(double km);                             // "4 km", "0.8 km"
std::string Moment(const google::protobuf::Timestamp& time);   // "2026-11-22 18:40 UTC", "" for none

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_NUMBERS_H_
