-- The order facts of the report in DuckDB's SQL, as one would write it for this one file: `duck.py` sets the variable
-- file and prints the tables at the end. Keys are hashed once, because that is twice as fast as to carry the text.

create macro month_of(day) as year(day) * 12 + month(day) - 1;
create macro month_name(month) as printf('%04d-%02d', month // 12, month % 12 + 1);
create macro minor(cell) as cast(round(try_cast(cell as double) * 10000) as bigint);
create macro units(amount) as round(amount / 10000, 4); -- money is counted in ten-thousandths, to be exact

-- files -> rows -> orders

create temp table rows as
select
  hash(order_id) as id,
  case when customer_id is not null then hash(customer_id) end as customer,
  try_cast(left(ordered_at, 10) as date) as day,
  minor(amount) as amount,
  minor(refund) as refund,
  status
from read_csv(
  getvariable('file'), all_varchar = true, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
  columns = {
    'order_id': 'varchar', 'customer_id': 'varchar', 'ordered_at': 'varchar', 'amount': 'varchar',
    'refund': 'varchar', 'status': 'varchar', 'currency': 'varchar'
  }
);

-- An order that stands there twice counts once: few do, so only those are looked at closely.
create temp table distinct_rows as
with twice as (select id from rows group by id having count(*) > 1)
select * from rows anti join twice using (id)
union all
select distinct * from rows semi join twice using (id);

create temp table orders as
select
  customer, day, amount,
  case when status = 'refunded' and coalesce(refund, 0) = 0 then amount else coalesce(refund, 0) end as refund
from distinct_rows
where day <= current_date and amount is not null and status not in ('cancelled', 'pending');

-- orders -> customers

create temp table visits as
with by_day as (
  select customer, day, count(*) as orders, sum(amount)::bigint as revenue, sum(amount - refund)::bigint as net
  from orders
  where customer is not null
  group by customer, day
)
select *, day > first as repeat
from by_day join (select customer, min(day) as first from by_day group by customer) using (customer);

create temp table customer_months as
select
  customer, month_of(day) as month, month_of(first) as first_month, sum(orders)::bigint as orders,
  sum(net)::bigint as net, coalesce(sum(orders) filter (repeat), 0)::bigint as repeat_orders,
  coalesce(sum(revenue) filter (repeat), 0)::bigint as repeat_revenue
from visits
group by customer, month_of(day), month_of(first);

-- How many customers were new on a day and came back so many days later (null: not yet).
create temp table gaps as
select first, second - first as gap, count(*) as customers
from (select first, min(day) filter (repeat) as second from visits group by customer, first)
group by all;

-- the tables of the report

create temp table set_aside as
select
  (select count(*) from rows) as read,
  (select count(*) from orders) as used,
  (select count(*) from rows) - count(*) as duplicates,
  count(*) filter (status = 'cancelled') as cancelled,
  count(*) filter (status = 'pending') as unpaid,
  count(*) filter (day is null and status not in ('cancelled', 'pending')) as unreadable_dates,
  count(*) filter (amount is null and day is not null and status not in ('cancelled', 'pending')) as unreadable_amounts
from distinct_rows;

create temp table totals as
select
  count(*) as orders,
  count(customer) as orders_with_customer,
  (select sum(customers)::bigint from gaps) as customers,
  (select sum(customers)::bigint from gaps where gap is not null) as repeat_customers,
  (select sum(repeat_orders)::bigint from customer_months) as repeat_orders,
  units(sum(amount)) as revenue,
  units(sum(refund)) as refunds,
  units(sum(amount - refund)) as net_revenue,
  min(day) as first_day,
  max(day) as last_day
from orders;

create temp table new_customers as
select first as day, sum(customers)::bigint as customers from gaps group by first;

create temp table month_sums as
select
  month, coalesce(orders, 0) as orders, coalesce(revenue, 0) as revenue, coalesce(refunds, 0) as refunds,
  coalesce(active, 0) as active, coalesce(with_customer, 0) as with_customer,
  coalesce(net_with_customer, 0) as net_with_customer, coalesce(repeat_orders, 0) as repeat_orders,
  coalesce(repeat_revenue, 0) as repeat_revenue, coalesce(new, 0) as new
from (select unnest(range(month_of(first_day), month_of(last_day) + 1)) as month from totals)
left join (
  select month_of(day) as month, count(*) as orders, sum(amount)::bigint as revenue, sum(refund)::bigint as refunds
  from orders group by all
) using (month)
left join (
  select
    month, count(*) as active, sum(orders)::bigint as with_customer, sum(net)::bigint as net_with_customer,
    sum(repeat_orders)::bigint as repeat_orders, sum(repeat_revenue)::bigint as repeat_revenue
  from customer_months group by month
) using (month)
left join (
  select month_of(day) as month, sum(customers)::bigint as new from new_customers group by all
) using (month);

create temp table months as
select
  month_name(month) as month, orders, units(revenue) as revenue, units(refunds) as refunds,
  units(revenue - refunds) as net_revenue, active as active_customers, new as new_customers,
  active - new as returning_customers, repeat_orders, units(repeat_revenue) as repeat_revenue,
  orders - with_customer as orders_without_customer
from month_sums
order by month;

create temp table day_sums as
select day, coalesce(orders, 0) as orders, coalesce(net, 0) as net, coalesce(customers, 0) as new
from (select unnest(generate_series(first_day, last_day, interval 1 day))::date as day from totals)
left join (select day, count(*) as orders, sum(amount - refund)::bigint as net from orders group by day) using (day)
left join new_customers using (day);

create temp table days as
select day, orders, units(net) as net_revenue, new as new_customers from day_sums order by day;

-- A month is complete that lies between the first and the last order, give or take the shop's usual gap.
create temp table span as
with usual as (
  select gap from (
    select gap, row_number() over (order by gap) as rank, count(*) over () as n
    from (select day - lag(day) over (order by day) as gap from day_sums where orders > 0)
    where gap is not null
  )
  where rank = (95 * n + 99) // 100
)
select
  greatest(month_of(first_day), month_of(first_day - (gap + 1)::integer) + 1) as first,
  least(month_of(last_day), month_of(last_day + (gap + 1)::integer) - 1) as last
from totals, usual;

-- A customer counts as a buyer for twelve months after a month with an order, or until the next such month.
create temp table years as
with ends as (
  select unnest(range(greatest(first + 11, last - 23), last + 1)) as ending from span
),
bought as (
  select month, least(coalesce(lead(month) over (partition by customer order by month), month + 12), month + 12) as until
  from customer_months
),
buyers as (
  select ending, sum(n)::bigint as buyers
  from ends join (select month, until, count(*) as n from bought group by all) on ending >= month and ending < until
  group by ending
)
select
  month_name(ending) as "to", any_value(buyers) as buyers, sum(with_customer)::bigint as orders_with_customer,
  units(sum(revenue - refunds)) as net_revenue, units(sum(net_with_customer)) as net_revenue_with_customer
from buyers join month_sums on month between ending - 11 and ending
group by ending
order by ending;

-- Kaplan-Meier: of the customers first seen in two years (but not in the file's first six months), and of those won on
-- the last year's ten best days and on its others, how many were followed for so many days, how many then came back.
create temp table second_order as
with year as (
  select day, net from day_sums, span where month_of(day) between last - 11 and last and last - first >= 11
),
best as (select day from year order by net desc, day limit 10),
followed as (
  select 'all' as "group", gaps.*, last_day - first as days
  from gaps, totals
  where first > last_day - interval 24 month and first >= first_day + interval 6 month
  union all
  select case when first in (from best) then 'peak' else 'other' end, gaps.*, last_day - first
  from gaps, totals
  where first between (select min(day) from year) and (select max(day) from year)
),
exits as (
  select "group", coalesce(gap, days) as gap, customers, case when gap is null then 0 else customers end as events
  from followed
  union all
  select "group", unnest([90, 180, 365]), 0, 0 from (select distinct "group" from followed)
),
by_gap as (
  select "group", gap, sum(customers)::bigint as customers, sum(events)::bigint as events
  from exits group by all
),
survival as (
  select "group", gap, sum(customers) over (partition by "group" order by gap desc)::bigint as at_risk, events
  from by_gap
)
from survival
where events > 0 or gap in (90, 180, 365)
order by "group", gap;

create temp table cohorts as
with sizes as (select first_month, count(*) as customers from customer_months where month = first_month group by all),
ages as (
  select *, unnest(range(least(12, (select month_of(last_day) from totals) - first_month) + 1)) as age from sizes
),
net as (
  select first_month, month - first_month as age, sum(net)::bigint as net from customer_months group by all
)
select month_name(first_month) as first_month, age, customers, units(coalesce(net, 0)) as net_revenue
from ages left join net using (first_month, age)
order by first_month, age;
