using System.Globalization;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>ACCESS_HOURS. 2026-03-02 is a Monday.</summary>
public class AccessScheduleTests
{
    [Theory]
    [InlineData("Mon-Fri 08:00-18:00", "2026-03-02 08:00:00", true)]
    [InlineData("Mon-Fri 08:00-18:00", "2026-03-02 07:59:59", false)]
    [InlineData("Mon-Fri 08:00-18:00", "2026-03-06 17:59:59", true)]
    [InlineData("Mon-Fri 08:00-18:00", "2026-03-06 18:00:00", false)]
    [InlineData("Mon-Fri 08:00-18:00", "2026-03-07 12:00:00", false)]
    [InlineData("mon-FRI 08:00-18:00,Sat 09:00-12:00", "2026-03-07 09:00:00", true)]
    [InlineData("Mon-Fri 08:00-18:00, Sat 09:00-12:00", "2026-03-08 09:00:00", false)]
    [InlineData("Sat-Mon 00:00-24:00", "2026-03-01 23:59:59", true)]
    [InlineData("Sat-Mon 00:00-24:00", "2026-03-02 23:59:59", true)]
    [InlineData("Sat-Mon 00:00-24:00", "2026-03-03 00:00:00", false)]
    [InlineData("Sat-Mon 00:00-24:00", "2026-03-07 00:00:00", true)]
    [InlineData("Sat-Mon 00:00-24:00", "2026-03-06 23:59:59", false)]
    [InlineData("08:00-09:00", "2026-03-04 08:30:00", true)]
    [InlineData("08:00-09:00", "2026-03-04 09:30:00", false)]
    [InlineData("Fri 22:00-06:00", "2026-03-06 21:59:59", false)]
    [InlineData("Fri 22:00-06:00", "2026-03-06 22:00:00", true)]
    [InlineData("Fri 22:00-06:00", "2026-03-07 05:59:59", true)]
    [InlineData("Fri 22:00-06:00", "2026-03-07 06:00:00", false)]
    [InlineData("Fri 22:00-06:00", "2026-03-06 05:00:00", false)]
    [InlineData("Sun 22:00-06:00", "2026-03-02 05:59:59", true)]
    [InlineData("Sun 22:00-06:00", "2026-03-02 06:00:00", false)]
    [InlineData("Sun 22:00-06:00", "2026-03-03 05:00:00", false)]
    [InlineData("Sun 22:00-00:00", "2026-03-01 23:59:59", true)]
    [InlineData("Sun 22:00-00:00", "2026-03-02 00:00:00", false)]
    [InlineData("Sun 22:00-24:00", "2026-03-02 00:00:00", false)]
    public void Allows(string text, string time, bool expected)
    {
        DateTime wall = DateTime.ParseExact(time, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

        Assert.Equal(expected, Read(text).Allows(new DateTimeOffset(wall, TimeSpan.FromHours(5))));
    }

    [Theory]
    [InlineData("the hour before clocks go forward", "2026-03-29T00:59:59Z", true)]
    [InlineData("02:00 to 03:00 does not come: next is 03:00", "2026-03-29T01:00:00Z", false)]
    [InlineData("02:30 in summer time", "2026-10-25T00:30:00Z", true)]
    [InlineData("02:30 again, in winter time", "2026-10-25T01:30:00Z", true)]
    [InlineData("03:00 in winter time", "2026-10-25T02:00:00Z", false)]
    public void GoesByTheClockOnTheWall(string name, string utc, bool expected)
    {
        DateTimeOffset moment = DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture);

        Assert.Equal((name, expected), (name, Read("Sun 01:00-03:00").Allows(TimeZoneInfo.ConvertTime(moment, CentralEurope()))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mon")]
    [InlineData("Mon-Fri")]
    [InlineData("Mon, Tue 08:00-09:00")]
    [InlineData("Mon 08:00")]
    [InlineData("Mon 08:00-")]
    [InlineData("Mon 8:00-18:00")]
    [InlineData("Mon 08:00-25:00")]
    [InlineData("Mon 08:60-09:00")]
    [InlineData("Mon 08:00-24:01")]
    [InlineData("Mon 24:00-08:00")]
    [InlineData("Mon 08:00-08:00")]
    [InlineData("Mon 08:00-09:00-10:00")]
    [InlineData("Mon 0８:00-09:00")]
    [InlineData("Mon +8:00-09:00")]
    [InlineData("Mon 08.00-09.00")]
    [InlineData("Monday 08:00-09:00")]
    [InlineData("Mon-Tue-Wed 08:00-09:00")]
    [InlineData("Mon - Fri 08:00-09:00")]
    [InlineData("Mon-Fri 08:00-09:00,")]
    [InlineData("!Mon 08:00-09:00")]
    public void Refuses(string text)
    {
        Assert.False(AccessSchedule.TryParse(text, out AccessSchedule? schedule, out IReadOnlyList<string> errors));
        Assert.Null(schedule);
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void NamesEveryBadItem()
    {
        Assert.False(AccessSchedule.TryParse("Mon 08:00-09:00, Foo 1, Sat", out _, out IReadOnlyList<string> errors));
        Assert.Equal(
            ["[*] Invalid ACCESS_HOURS entry 'Foo 1', need for example Mon-Fri 08:00-18:00", "[*] Invalid ACCESS_HOURS entry 'Sat', need for example Mon-Fri 08:00-18:00"],
            errors);
    }

    private static AccessSchedule Read(string text)
    {
        Assert.True(AccessSchedule.TryParse(text, out AccessSchedule? schedule, out _));
        Assert.Equal(text, schedule.ToString());
        return schedule;
    }

    // Made here, so that the test needs no time zone files: last Sundays of March and October, 01:00 UTC.
    private static TimeZoneInfo CentralEurope()
    {
        TimeZoneInfo.TransitionTime Change(int hour, int month) =>
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, hour, 0, 0), month, week: 5, DayOfWeek.Sunday);
        TimeZoneInfo.AdjustmentRule rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), Change(2, 3), Change(3, 10));
        return TimeZoneInfo.CreateCustomTimeZone("CE", TimeSpan.FromHours(1), "CE", "CET", "CEST", [rule]);
    }
}
